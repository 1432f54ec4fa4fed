import type { OutwardChannel } from '../../../shared/contract/outward.ts';
import { watch } from '../../lib/api.ts';

let channels = $state.raw<readonly OutwardChannel[] | null>(null);

/** Channels by which notifications leave this computer; null until the core has said. */
export const outward = {
  get channels(): readonly OutwardChannel[] | null {
    return channels;
  },
};

/** Follows the channels while something shows them. Returns the way to stop. */
export function followChannels(): () => void {
  return watch('outward.watch', {}, (now) => {
    channels = now.channels;
  });
}
