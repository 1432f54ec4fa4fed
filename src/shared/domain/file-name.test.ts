import { describe, expect, it } from 'vitest';
import { fileNameText } from './file-name.ts';

describe('fileNameText', () => {
  it.each([
    ['nas-2026-01-02.log', 'nas-2026-01-02.log'],
    ['../../etc/passwd', 'etc-passwd'],
    ['Serveur d’été: 1', 'Serveur-d-été-1'],
    ['..', 'homeport'],
    ['', 'homeport'],
  ])('%j becomes %j', (name, expected) => {
    expect(fileNameText(name)).toBe(expected);
  });
});
