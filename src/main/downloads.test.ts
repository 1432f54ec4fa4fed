import { EventEmitter } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { askWhereToSave } from './downloads.ts';

function download(url: string, name: string) {
  const session = new EventEmitter();
  askWhereToSave(session, () => '/home/me/Downloads');
  const seen: { options: unknown; prevented: boolean } = { options: null, prevented: false };
  session.emit(
    'will-download',
    { preventDefault: () => (seen.prevented = true) },
    { getFilename: () => name, setSaveDialogOptions: (options: unknown) => (seen.options = options) },
    { getURL: () => url },
  );
  return seen;
}

describe('saving a file that a page offers', () => {
  it('asks where to, with the name of the file', () => {
    expect(download('app://homeport/index.html', 'Upgrade-nas.pdf')).toEqual({
      options: { defaultPath: path.join('/home/me/Downloads', 'Upgrade-nas.pdf') },
      prevented: false,
    });
  });

  it('never leaves the chosen folder by a name, and takes nothing from other pages', () => {
    expect(download('app://homeport/index.html', '../../.bashrc').options).toEqual({
      defaultPath: path.join('/home/me/Downloads', '.bashrc'),
    });
    expect(download('https://evil.example/', 'x.sh')).toEqual({ options: null, prevented: true });
  });
});
