import { z } from 'zod';
import { actionTypes, jobStatuses, startableActions } from '../domain/unions.ts';
import { call, events, type ContractShape } from './define.ts';
import { everywhere, people, none, byId, page } from './inputs.ts';
import { bulkManner, startOptions } from './manner.ts';
import * as m from './models.ts';

export const jobProcedures = {
  'jobs.start': call({
    summary: 'Queue an action on machines',
    risk: 'change',
    surfaces: people,
    input: z.object({
      action: z.enum(startableActions),
      machineIds: z.array(m.id).min(1).max(1000),
      options: startOptions.default({}),
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
      options: startOptions.omit({ planHash: true }).default({}),
      ...bulkManner,
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
