import { fleetWords } from '../../../../shared/domain/fleet-words.ts';
import { fr as shared } from '../../../../shared/words/fr/index.ts';
import { bulk } from './bulk.ts';
import { common } from './common.ts';
import { files } from './files.ts';
import { forwards } from './forwards.ts';
import { fleet } from './fleet.ts';
import { hardware } from './hardware.ts';
import { machines } from './machines.ts';
import { maintenance } from './maintenance.ts';
import { menu } from './menu.ts';
import { notifications } from './notifications.ts';
import { manage } from './manage.ts';
import { outward } from './outward.ts';
import { queue } from './queue.ts';
import { recordings } from './recordings.ts';
import { reports } from './reports.ts';
import { requests } from './requests.ts';
import { runs } from './runs.ts';
import { schedules } from './schedules.ts';
import { settings } from './settings.ts';
import { terminals } from './terminals.ts';
import { timeline } from './timeline.ts';
import { updates } from './updates.ts';
import { vault } from './vault.ts';

/** French. */
export const fr = {
  ...shared,
  ...common,
  ...fleetWords.fr,
  ...fleet,
  ...machines,
  ...hardware,
  ...maintenance,
  ...manage,
  ...menu,
  ...queue,
  ...requests,
  ...schedules,
  ...runs,
  ...reports,
  ...timeline,
  ...updates,
  ...bulk,
  ...notifications,
  ...outward,
  ...settings,
  ...terminals,
  ...recordings,
  ...files,
  ...forwards,
  ...vault,
} as const;
