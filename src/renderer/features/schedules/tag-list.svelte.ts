import type { Tag } from '../../../shared/contract/models.ts';
import { api } from '../../lib/api.ts';
import { perform } from '../../lib/perform.ts';

/** All tags, read once when the component is made. */
export function tagList(): { readonly value: readonly Tag[] } {
  let tags = $state.raw<readonly Tag[]>([]);
  void perform(() => api['tags.list']({})).then((found) => {
    if (found) tags = found.tags;
  });
  return {
    get value() {
      return tags;
    },
  };
}
