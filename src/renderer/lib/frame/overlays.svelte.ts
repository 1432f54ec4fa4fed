/** What is open over the page; the top bar, the keyboard and the palette share it. */
let paletteOpen = $state(false);
let keysOpen = $state(false);
let notificationsOpen = $state(false);
let vaultDialog = $state<'unlock' | 'set_up' | 'change' | null>(null);

export const overlays = {
  get palette(): boolean {
    return paletteOpen;
  },
  set palette(open: boolean) {
    paletteOpen = open;
  },
  get keys(): boolean {
    return keysOpen;
  },
  set keys(open: boolean) {
    keysOpen = open;
  },
  get notifications(): boolean {
    return notificationsOpen;
  },
  set notifications(open: boolean) {
    notificationsOpen = open;
  },
  get vault(): 'unlock' | 'set_up' | 'change' | null {
    return vaultDialog;
  },
  set vault(dialog: 'unlock' | 'set_up' | 'change' | null) {
    vaultDialog = dialog;
  },
};
