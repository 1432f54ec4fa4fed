import type { menu as en } from '../en/menu.ts';
import type { Message } from '../../../../shared/words/message.ts';

export const menu = {
  'menu.file': 'Fichier',
  'menu.edit': 'Édition',
  'menu.view': 'Affichage',
  'menu.machines': 'Machines',
  'menu.settings': 'Réglages',
  'menu.window': 'Fenêtre',
  'menu.help': 'Aide',
  'menu.quit': 'Quitter',
  'menu.undo': 'Annuler la frappe',
  'menu.redo': 'Rétablir',
  'menu.cut': 'Couper',
  'menu.copy': 'Copier',
  'menu.paste': 'Coller',
  'menu.selectAll': 'Tout sélectionner',
  'menu.fullscreen': 'Plein écran',
  'menu.minimize': 'Réduire',
  'menu.close': 'Fermer la fenêtre',
} as const satisfies Record<keyof typeof en, Message>;
