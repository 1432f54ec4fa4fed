import { z } from 'zod';
import {
  actionTypes,
  bulkFailureRules,
  conffilePolicies,
  jobStatuses,
  startableActions,
} from '../domain/unions.ts';
import { call, events, type ContractShape } from './define.ts';
import { everywhere, people, none, byId, page } from './inputs.ts';
import * as m from './models.ts';

export const jobProcedures = {
  'jobs.start': call({
    summary: 'Queue an action on machines',
    risk: 'change',
    surfaces: people,
    input: z.object({
      action: z.enum(startableActions),
      machineIds: z.array(m.id).min(1).max(1000),
      options: z
        .object({
          /**
           * The plan that the user saw: of the newest snapshot, of `plans.simulate`, or the changed plan of a stopped run.
           * Without it the newest snapshot's plan is taken.
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
        })
        .default({}),
    }),
    output: z.object({ jobs: z.array(z.object({ jobId: m.id, machineId: m.id })) }),
  }),
  'jobs.startBulk': call({
    summary: 'Start an action on many machines in waves; each machine keeps to its newest plan of now',
    risk: 'change',
    surfaces: people,
    input: z.object({
      action: z.enum(startableActions),
      /** The order of the waves. */
      machineIds: z.array(m.id).min(1).max(1000),
      options: z
        .object({
          waitSeconds: z.number().int().min(3).max(3600).optional(),
          conffiles: z.enum(conffilePolicies).optional(),
          attached: z.boolean().optional(),
        })
        .default({}),
      wave: m.waveRule.default('all'),
      /** Machines of this bulk that may be worked on at the same time. */
      concurrency: z.number().int().min(1).max(200).default(16),
      /** `stop`: after a failure nothing more is started; what runs goes on to its end. */
      onFailure: z.enum(bulkFailureRules).default('stop'),
    }),
    output: z.object({ bulkId: m.id }),
  }),
  'jobs.cancel': call({
    summary: 'Cancel a job; a package run stops only where that is safe',
    risk: 'change',
    surfaces: people,
    input: byId,
    output: z.object({
      outcome: z.enum(['cancelled', 'requested', 'refused_dpkg_running', 'already_ended']),
    }),
  }),
  'jobs.watch': events({
    summary: 'Active jobs first, then each job that changes',
    risk: 'read',
    surfaces: people,
    input: none,
    output: z.discriminatedUnion('type', [
      z.object({ type: z.literal('snapshot'), jobs: z.array(m.job) }),
      z.object({ type: z.literal('changed'), job: m.job }),
    ]),
  }),
  'jobs.list': call({
    summary: 'Jobs, newest first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      machineId: m.id.optional(),
      statuses: z.array(z.enum(jobStatuses)).max(jobStatuses.length).optional(),
      action: z.enum(actionTypes).optional(),
      /** Part of a machine's name. */
      search: z.string().max(100).optional(),
      /** With `before`, the date of the last job that is known: its id, so that none of the same moment is left out. */
      beforeId: m.id.optional(),
      ...page,
    }),
    output: z.object({ jobs: z.array(m.job) }),
  }),
  'bulk.list': call({
    summary: 'Bulk runs, newest first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object(page),
    output: z.object({ bulks: z.array(m.bulkSummary) }),
  }),
  'bulk.get': call({
    summary: 'One bulk run with each of its machines',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: m.bulkDetail,
  }),
  'bulk.watch': events({
    summary: 'One bulk run as it goes: the whole at each change, until it has ended',
    risk: 'read',
    surfaces: people,
    input: byId,
    output: m.bulkDetail,
  }),
  'bulk.cancel': call({
    summary:
      'Start no more machines of a bulk run; with `running`, ask the running jobs to stop where that is safe',
    risk: 'change',
    surfaces: people,
    input: z.object({ id: m.id, running: z.boolean().default(false) }),
    output: z.object({ outcome: z.enum(['cancelled', 'already_ended']) }),
  }),
} satisfies ContractShape;
