import { preferences } from '../../lib/state/preferences.svelte.ts';

const mostKept = 30;

/** Commands that were used lately, the last first; in the database, so that every window knows them. */
export const recentCommands = {
  get ids(): readonly string[] {
    return preferences.value.recentCommands;
  },
  used(id: string): void {
    const others = preferences.value.recentCommands.filter((one) => one !== id);
    void preferences.set({ recentCommands: [id, ...others].slice(0, mostKept) });
  },
};
