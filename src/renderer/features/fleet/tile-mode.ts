import type { TileMode } from '../../../shared/domain/unions.ts';
import { machineUi } from '../../lib/state/machine-ui.svelte.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';

const usual = (): TileMode => (preferences.value.density === 'compact' ? 'compact' : 'expanded');

/** How the tile of a machine is shown: as it was left by hand, else as the density says. */
export const tileModeOf = (id: string): TileMode => machineUi.tileModes.get(id) ?? usual();

/** Turns tiles to the other form, all to the one that the first does not have; the usual one is not kept apart. */
export function toggleTiles(ids: readonly string[]): void {
  const [first] = ids;
  if (first === undefined) return;
  const next: TileMode = tileModeOf(first) === 'compact' ? 'expanded' : 'compact';
  for (const id of ids) {
    if (tileModeOf(id) !== next) machineUi.setTileMode(id, next === usual() ? null : next);
  }
}
