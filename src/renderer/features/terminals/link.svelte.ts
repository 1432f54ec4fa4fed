/** An address that was clicked in a terminal and waits for a person to look at it. */
let asked = $state<string | null>(null);

export const linkRequest = {
  get url(): string | null {
    return asked;
  },
  ask(url: string): void {
    asked = url;
  },
  done(): void {
    asked = null;
  },
};

/** What may be opened from here: https without a login in it, as the desktop host allows. */
export function openableUrl(url: string): string | null {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'https:' || parsed.username !== '' || parsed.password !== '') return null;
  return parsed.href.length <= 2_048 ? parsed.href : null;
}
