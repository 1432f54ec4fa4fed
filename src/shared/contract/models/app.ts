import { z } from 'zod';
import { notificationKinds, notificationWays, severities } from '../../domain/unions.ts';
import { defaultTerminalLook, terminalLook, terminalLookPatch } from '../terminal-look.ts';
import { id, isoDate } from './common.ts';
import { fleetColumns, fleetFilter, fleetGroupings, fleetSort } from './fleet.ts';

export const vaultStatus = z.object({
  state: z.enum(['not_set_up', 'locked', 'unlocked']),
  /** How the data key is wrapped today. */
  wraps: z.array(z.enum(['safe_storage', 'keyring', 'passphrase'])),
  /** Whether this host offers a system keyring, and why not. */
  systemKeyring: z.object({ available: z.boolean(), reason: z.string().nullable() }),
  autoLockMinutes: z.number().int().nullable(),
});
export type VaultStatus = z.output<typeof vaultStatus>;

/** Preferences of the interface; in the database, applied to every open window at once. */
export const preferences = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  language: z.enum(['system', 'en', 'fr']),
  zoomPercent: z.number().int().min(80).max(200),
  fleetView: z.enum(['tiles', 'table']),
  fleetSort,
  fleetGroup: z.enum(fleetGroupings),
  fleetColumns,
  /** Groups that are folded, as `grouping:group`. */
  fleetFolded: z.array(z.string().max(200)).max(500),
  /** The saved view that was chosen last; null = none. */
  fleetViewId: id.nullable(),
  /** What the last window looked at, so that it is there again after a restart; each window then goes its own way. */
  fleetShown: z.object(fleetFilter),
  /** Data older than this is shown as stale. */
  staleAfterHours: z.number().int().min(1).max(720),
  terminal: terminalLook,
  /** Ids of commands that were used lately, the last first. */
  recentCommands: z.array(z.string().max(200)).max(30),
});
export type Preferences = z.output<typeof preferences>;

/** What is to change; the rest stays as it is, also within `terminal`. */
export const preferencesPatch = preferences.partial().extend({ terminal: terminalLookPatch.optional() });
export type PreferencesPatch = z.output<typeof preferencesPatch>;

export const defaultPreferences: Preferences = {
  theme: 'system',
  density: 'comfortable',
  language: 'system',
  zoomPercent: 100,
  fleetView: 'tiles',
  fleetSort: { by: 'name', direction: 'asc' },
  fleetGroup: 'none',
  fleetColumns: [],
  fleetFolded: [],
  fleetViewId: null,
  fleetShown: { filter: 'machines', query: '' },
  staleAfterHours: 24,
  terminal: defaultTerminalLook,
  recentCommands: [],
};

export const appInfo = z.object({
  version: z.string(),
  host: z.enum(['electron', 'browser', 'terminal']),
  dataDir: z.string(),
  platform: z.string(),
  /** This computer is a Debian-family system and could be the first machine. */
  thisComputer: z.object({ hostname: z.string(), username: z.string(), debianFamily: z.boolean() }),
});

/** Something that a person should hear of; the same matter again, while it is unread, only counts up. */
export const notification = z.object({
  id,
  kind: z.enum(notificationKinds),
  severity: z.enum(severities),
  createdAt: isoDate,
  /** When it was last heard. */
  lastAt: isoDate,
  occurrences: z.number().int(),
  machineId: id.nullable(),
  machineName: z.string().nullable(),
  executionId: id.nullable(),
  bulkRunId: id.nullable(),
  /** When nothing was left for a person to do. */
  resolvedAt: isoDate.nullable(),
  readAt: isoDate.nullable(),
  /** Values for the sentence: action, status, kind of the error and its data. */
  data: z.record(z.string(), z.unknown()),
});
export type Notification = z.output<typeof notification>;

export const notificationSettings = z.object({
  ways: z.record(z.enum(notificationKinds), z.enum(notificationWays)),
  /** The desktop stays silent until then; `always` = until it is changed, null = it does not. */
  quietUntil: z.union([z.literal('always'), z.iso.datetime()]).nullable(),
  /** A browser was offered once to show notifications on the desktop; whether it may, the browser knows. */
  desktopOffered: z.boolean(),
});
export type NotificationSettings = z.output<typeof notificationSettings>;

export const notificationSettingsChange = z.object({
  ways: z.partialRecord(z.enum(notificationKinds), z.enum(notificationWays)).optional(),
  quietUntil: notificationSettings.shape.quietUntil.optional(),
  desktopOffered: z.boolean().optional(),
});
export type NotificationSettingsChange = z.output<typeof notificationSettingsChange>;

export const defaultNotificationSettings: NotificationSettings = {
  ways: {
    run_ended: 'desktop',
    run_failed: 'desktop',
    bulk_ended: 'desktop',
    host_key: 'desktop',
    plan_changed: 'desktop',
    conffile: 'desktop',
    vault_locked: 'desktop',
    changed_by_others: 'off',
    request: 'desktop',
    outward_failed: 'list',
    schedule_ended: 'desktop',
    schedule_asks: 'desktop',
  },
  quietUntil: null,
  desktopOffered: false,
};

/** `items`: the last heard first, at most 100; `unread` counts all. */
export const notificationState = z.object({
  items: z.array(notification),
  unread: z.number().int(),
  settings: notificationSettings,
});
export type NotificationState = z.output<typeof notificationState>;
