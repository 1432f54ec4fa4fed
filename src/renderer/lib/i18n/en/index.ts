import { bulk } from './bulk.ts';
import { common } from './common.ts';
import { errors } from './errors.ts';
import { fleet } from './fleet.ts';
import { hardware } from './hardware.ts';
import { machines } from './machines.ts';
import { maintenance } from './maintenance.ts';
import { menu } from './menu.ts';
import { notifications } from './notifications.ts';
import { manage } from './manage.ts';
import { queue } from './queue.ts';
import { reports } from './reports.ts';
import { runs } from './runs.ts';
import { settings } from './settings.ts';
import { terminals } from './terminals.ts';
import { timeline } from './timeline.ts';
import { updates } from './updates.ts';
import { vault } from './vault.ts';

/** English, the reference: other languages must have exactly its keys and placeholders. */
export const en = {
  ...common,
  ...fleet,
  ...machines,
  ...hardware,
  ...maintenance,
  ...manage,
  ...menu,
  ...queue,
  ...runs,
  ...reports,
  ...timeline,
  ...updates,
  ...bulk,
  ...notifications,
  ...settings,
  ...terminals,
  ...vault,
  ...errors,
} as const;
