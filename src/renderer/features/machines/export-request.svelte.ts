/** Which machines the next export is about, handed from where they were selected; empty: all of them. */
let ids = $state.raw<readonly string[]>([]);

export const exportRequest = {
  get ids(): readonly string[] {
    return ids;
  },
  set ids(next: readonly string[]) {
    ids = next;
  },
};
