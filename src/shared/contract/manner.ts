import { z } from 'zod';
import { bulkFailureRules, conffilePolicies } from '../domain/unions.ts';
import { waveRule } from './models/run.ts';

/** How an action is carried out. */

export const startOptions = z.object({
  /**
   * For one machine only: the plan that the user saw, of the newest snapshot, of `plans.simulate`, or the changed plan of a
   * stopped run. Without it the newest snapshot's plan is taken.
   */
  planHash: z.string().length(64).optional(),
  /** `reboot_verified`: seconds until the wait is given up; without it what the machine's last reboots teach. */
  waitSeconds: z.number().int().min(3).max(3600).optional(),
  /** `stop_before`: stop, name the files and change nothing when edited configuration files are concerned. */
  conffiles: z.enum(conffilePolicies).optional(),
  /**
   * A change of packages that lives in its SSH session instead of as a unit of its own: nothing is left on the host's
   * disks, and a lost connection or a closed application interrupts it. Other actions take no notice.
   */
  attached: z.boolean().optional(),
});

/** On many machines. */
export const bulkManner = {
  wave: waveRule.default('all'),
  /** Machines of this bulk that may be worked on at the same time. */
  concurrency: z.number().int().min(1).max(200).default(16),
  /** `stop`: after a failure nothing more is started; what runs goes on to its end. */
  onFailure: z.enum(bulkFailureRules).default('stop'),
};
