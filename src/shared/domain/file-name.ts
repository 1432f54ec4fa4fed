/** A text as the name of a file, without its end; what a file name cannot hold on some system is replaced. */
export function fileNameText(name: string): string {
  const safe = name
    .normalize('NFC')
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 120);
  return safe === '' ? 'homeport' : safe;
}
