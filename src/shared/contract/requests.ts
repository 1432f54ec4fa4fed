import { z } from 'zod';
import {
  bulkFailureRules,
  bulkStatuses,
  conffilePolicies,
  jobStatuses,
  planModes,
  requesterTypes,
  requestRisks,
  requestStatuses,
  startableActions,
} from '../domain/unions.ts';
import { call, events } from './define.ts';
import { everywhere, byId } from './inputs.ts';
import { bulkManner, startOptions } from './manner.ts';
import * as m from './models.ts';
import { scheduleStep } from './schedules.ts';

/** Who may start the action may approve it; an agent may only ask. */
const approvers = ['ui', 'web', 'api', 'cli'] as const;

export const requestSummary = z.object({
  id: m.id,
  action: z.enum(startableActions),
  risk: z.enum(requestRisks),
  /** `approved`: its work waits or goes on · `executed`: that has ended. */
  status: z.enum(requestStatuses),
  requestedBy: z.enum(requesterTypes),
  /** Where it was made: a surface, or the name of a schedule. */
  requestedFrom: z.string().nullable(),
  /** The schedule that asks, and its run; approving goes on with that. */
  schedule: z
    .object({
      id: m.id,
      runId: m.id,
      /** Steps without a plan of their own that come after it and are approved with it. */
      further: z.array(scheduleStep),
    })
    .nullable(),
  note: z.string().nullable(),
  createdAt: m.isoDate,
  expiresAt: m.isoDate.nullable(),
  decidedAt: m.isoDate.nullable(),
  /** A surface, or `machine_removed` where it ended because its machine is gone; null: nobody, its time passed. */
  decidedBy: z.string().nullable(),
  decisionNote: z.string().nullable(),
  /** What approving names: who approves something else than what was shown is told so. */
  binding: z.string(),
  /** The first of them by their order, at most twelve. */
  machines: z.array(m.namedMachine),
  machineCount: z.number().int(),
  /** Of all machines together. */
  changes: z.object({
    upgrades: z.number().int(),
    installs: z.number().int(),
    removals: z.number().int(),
    security: z.number().int(),
  }),
  /** The action reboots, or a package of the plan usually wants one. */
  reboot: z.enum(['yes', 'likely', 'no']),
  jobId: m.id.nullable(),
  bulkRunId: m.id.nullable(),
  executionId: m.id.nullable(),
  /** How its work stands or ended. */
  outcome: z.enum([...jobStatuses, ...bulkStatuses]).nullable(),
});
export type RequestSummary = z.output<typeof requestSummary>;

/** What sets the plan of now apart from the one that the request is bound to. */
const planChange = z.object({
  added: z.array(m.plannedPackage),
  gone: z.array(m.plannedPackage),
  different: z.array(z.object({ before: m.plannedPackage, now: m.plannedPackage })),
});

export const requestMachine = m.namedMachine.extend({
  planMode: z.enum(planModes).nullable(),
  planHash: z.string().nullable(),
  planned: z.array(m.plannedPackage),
  /** Null: as far as is known here, the plan is still that one. */
  change: planChange.nullable(),
});
export type RequestMachine = z.output<typeof requestMachine>;

export const requestDetail = requestSummary.extend({
  plans: z.array(requestMachine),
  conffiles: z.enum(conffilePolicies).nullable(),
  attached: z.boolean(),
  wave: m.waveRule,
  concurrency: z.number().int(),
  onFailure: z.enum(bulkFailureRules),
});
export type RequestDetail = z.output<typeof requestDetail>;

const note = z.string().trim().max(500);

export const requestProcedures = {
  'requests.create': call({
    summary: 'Ask a person to approve an action; nothing is done before',
    risk: 'change',
    surfaces: everywhere,
    input: z.object({
      action: z.enum(startableActions),
      machineIds: z.array(m.id).min(1).max(1000),
      /** The plan's hash of each machine stands with the machine. */
      options: startOptions.default({}),
      ...bulkManner,
      note: note.optional(),
      expiresInHours: z
        .number()
        .int()
        .min(1)
        .max(24 * 90)
        .default(72),
    }),
    output: byId,
  }),
  'requests.list': call({
    summary: 'Requests, newest first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      statuses: z.array(z.enum(requestStatuses)).max(requestStatuses.length).optional(),
      before: m.isoDate.optional(),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    output: z.object({ requests: z.array(requestSummary) }),
  }),
  'requests.get': call({
    summary: 'One request with the plan of each machine, and what has changed since',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: requestDetail,
  }),
  'requests.watch': events({
    summary: 'Requests that wait for a decision, the oldest first; the whole at each change of any request',
    risk: 'read',
    surfaces: approvers,
    input: z.object({}),
    output: z.object({ pending: z.array(requestSummary), count: z.number().int() }),
  }),
  'requests.approve': call({
    summary: 'Approve a request as it was shown, and queue its action in the same transaction',
    risk: 'change',
    surfaces: approvers,
    input: byId.extend({ binding: z.string().length(64), note: note.optional() }),
    output: z.discriminatedUnion('outcome', [
      z.object({
        outcome: z.literal('approved'),
        jobId: m.id.nullable(),
        bulkRunId: m.id.nullable(),
      }),
      /** Nothing was queued and the request still waits: the plan of now is another one. */
      z.object({ outcome: z.literal('plan_changed'), machines: z.array(requestMachine) }),
      z.object({ outcome: z.literal('expired') }),
    ]),
  }),
  'requests.renew': call({
    summary: 'Bind a request that waits to the plans of now, so that they can be approved',
    risk: 'change',
    surfaces: approvers,
    input: byId,
    output: requestDetail,
  }),
  'requests.reject': call({
    summary: 'Reject a request that waits; nothing is done',
    risk: 'change',
    surfaces: approvers,
    input: byId.extend({ note: note.optional() }),
    output: z.object({}),
  }),
};
