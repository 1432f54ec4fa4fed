import { fileNameText } from '../../../shared/domain/file-name.ts';

/** Offers bytes or text as a file to keep. `name` comes from names of machines, so what a file name cannot hold is replaced. */
export function saveFile(name: string, parts: BlobPart[], type: string): void {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = fileNameText(name);
  link.click();
  // The browser reads the address after this task; a minute is long enough for any disk.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
