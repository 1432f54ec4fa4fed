import { expect, test } from 'vitest';
import { externalUrl, isOwnUrl, ownWindowTarget, pageUrl } from './origin.ts';

test.each([
  [pageUrl, true],
  ['app://homeport/#/machines', true],
  ['app://homeport.evil/index.html', false],
  ['app://evil/homeport', false],
  ['https://homeport/', false],
  ['file:///app/homeport', false],
  ['app:homeport', false],
  ['', false],
])('%j is ours: %j', (url, expected) => {
  expect(isOwnUrl(url)).toBe(expected);
});

test.each([
  ['https://www.debian.org/security/', 'https://www.debian.org/security/'],
  ['http://www.debian.org/', null],
  ['file:///etc/passwd', null],
  ['javascript:alert(1)', null],
  ['smb://host/share', null],
  ['https://user:word@example.org/', null],
  [`https://example.org/${'a'.repeat(3_000)}`, null],
  ['not a url', null],
])('%.60j may be opened outside: %j', (url, expected) => {
  expect(externalUrl(url)).toBe(expected);
});

const windowId = '0b7e2f7a-3c1d-4f59-9a44-6f1f0a9f8d11';
test.each([
  [`${pageUrl}#/terminal-window/${windowId}`, `#/terminal-window/${windowId}`],
  [`${pageUrl}#/terminal-window/../fleet`, null],
  [`${pageUrl}#/fleet`, null],
  [`https://homeport/#/terminal-window/${windowId}`, null],
  [`app://evil/#/terminal-window/${windowId}`, null],
])('%j opens a window of ours at %j', (url, expected) => {
  expect(ownWindowTarget(url)).toBe(expected);
});
