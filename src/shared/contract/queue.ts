import { z } from 'zod';
import { queueMoves } from '../domain/job-queue.ts';
import { jobLogCodes, lockKinds, logLevels } from '../domain/unions.ts';
import { call, events } from './define.ts';
import { everywhere, people, none } from './inputs.ts';
import * as m from './models.ts';

/** Why a queued job waits: a closed list with the values that make its sentence exact. */
export const waitReason = z.discriminatedUnion('code', [
  z.object({ code: z.literal('paused'), since: m.isoDate }),
  z.object({ code: z.literal('machine_paused'), since: m.isoDate }),
  /** `jobId`: the job just before it on its machine · `ahead`: how many stand before it, with the one that runs. */
  z.object({ code: z.literal('behind_job'), jobId: m.id, ahead: z.number().int() }),
  z.object({ code: z.literal('vault_locked') }),
  z.object({ code: z.literal('machine_locked'), kind: z.enum(lockKinds), until: m.isoDate.nullable() }),
  z.object({
    code: z.literal('backoff'),
    until: m.isoDate,
    attempt: z.number().int(),
    maxAttempts: z.number().int(),
    errorKind: m.errorKind.nullable(),
  }),
  z.object({ code: z.literal('concurrency'), running: z.number().int(), limit: z.number().int() }),
  z.object({ code: z.literal('next') }),
]);

/** What holds the queue back; with the active jobs of `jobs.watch` it says why each of them waits. */
export const queueState = z.object({
  concurrency: z.number().int(),
  pausedAt: m.isoDate.nullable(),
  pausedMachines: z.array(z.object({ machineId: m.id, machineName: z.string(), pausedAt: m.isoDate })),
  locks: z.array(
    z.object({ machineId: m.id, jobId: m.id, kind: z.enum(lockKinds), until: m.isoDate.nullable() }),
  ),
  /** Machines that cannot be reached before the vault is unlocked. */
  vaultMachineIds: z.array(m.id),
});
export type QueueState = z.output<typeof queueState>;

export const jobLogLine = z.object({
  seq: z.number().int(),
  at: m.isoDate,
  level: z.enum(logLevels),
  /** Null in lines of the first version, which have only their English sentence. */
  code: z.enum(jobLogCodes).nullable(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type JobLogLine = z.output<typeof jobLogLine>;

const machineOrAll = z.object({
  /** Null: all machines. */
  machineId: m.id.nullable().default(null),
});

export const queueProcedures = {
  'jobs.log': call({
    summary: "The lines of a job's log: attempts, steps, failures, its end",
    risk: 'read',
    surfaces: everywhere,
    input: z.object({ id: m.id }),
    output: z.object({ lines: z.array(jobLogLine) }),
  }),
  'jobs.move': call({
    summary: 'Put a job that waits elsewhere among those of its machine',
    risk: 'change',
    surfaces: people,
    input: z.object({ id: m.id, to: z.enum(queueMoves) }),
    output: none,
  }),
  'queue.get': call({
    summary: 'What holds the queue back, and why each queued job waits',
    risk: 'read',
    surfaces: everywhere,
    input: none,
    output: z.object({
      queue: queueState,
      waiting: z.array(z.object({ jobId: m.id, reason: waitReason })),
    }),
  }),
  'queue.watch': events({
    summary: 'What holds the queue back: pauses, concurrency, locks, the vault; the whole at each change',
    risk: 'read',
    surfaces: people,
    input: none,
    output: queueState,
  }),
  'queue.pause': call({
    summary: 'Start no more jobs, of one machine or of all, until resumed; what runs goes on',
    risk: 'change',
    surfaces: people,
    input: machineOrAll,
    output: none,
  }),
  'queue.resume': call({
    summary: 'Let the queue go on, of one machine or of all',
    risk: 'change',
    surfaces: people,
    input: machineOrAll,
    output: none,
  }),
  'queue.setConcurrency': call({
    summary: 'How many machines may be worked on at the same time',
    risk: 'change',
    surfaces: people,
    input: z.object({ concurrency: z.number().int().min(1).max(200) }),
    output: none,
  }),
};
