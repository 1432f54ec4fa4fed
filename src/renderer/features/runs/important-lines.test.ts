import { expect, it } from 'vitest';
import { linesToRead } from './important-lines.ts';

it('leaves out what the table of packages says, and keeps warnings and errors', () => {
  expect(
    linesToRead([
      'Remv hp-obsolete [1.0]',
      'Inst hp-conf [1.0] (1.1 Debian:12.12/oldstable [amd64])',
      'Conf hp-conf (1.1 Debian:12.12/oldstable [amd64])',
      'W: http://x.test: Key is stored in legacy trusted.gpg keyring',
      'dpkg: warning: unable to delete old directory',
      'Install of a note that begins like that',
    ]),
  ).toEqual([
    'W: http://x.test: Key is stored in legacy trusted.gpg keyring',
    'dpkg: warning: unable to delete old directory',
    'Install of a note that begins like that',
  ]);
});
