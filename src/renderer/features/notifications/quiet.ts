/** How long the desktop can be asked to stay silent. */
export const quietChoices = [
  { id: 'hour', until: (now: Date): string => new Date(now.getTime() + 60 * 60_000).toISOString() },
  {
    id: 'morning',
    until: (now: Date): string =>
      new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 8).toISOString(),
  },
  { id: 'start', until: (): string => 'always' },
] as const;
