import { z } from 'zod';
import { bytes, call, events } from './define.ts';
import { windows, none, byId } from './inputs.ts';

/** A recording ends at this size. */
export const mostRecordedBytes = 64 * 1024 * 1024;

/** How a recording ended; `size`: it reached its bound · `application`: Homeport ended before it. */
export const recordingEnds = ['stopped', 'session', 'size', 'disk', 'application'] as const;

export const recording = z.object({
  id: z.uuid(),
  /** The terminal session it is of. */
  sessionId: z.uuid(),
  /** Null: the machine was purged since. */
  machineId: z.uuid().nullable(),
  machineName: z.string(),
  startedAt: z.string(),
  /** Null while it goes on, and where nobody saw the end. */
  durationMs: z.number().nullable(),
  sizeBytes: z.number(),
  sha256: z.string().nullable(),
  /** Null while it goes on. */
  end: z.enum(recordingEnds).nullable(),
  /** Live secrets of the machine and of its jump hosts that were looked for in it. */
  redactedSecrets: z.number().int(),
});
export type Recording = z.output<typeof recording>;

export const recordingState = z.object({
  /** Each terminal is recorded from its beginning. */
  byDefault: z.boolean(),
  /** Sessions that are recorded now. */
  running: z.array(z.uuid()),
  /** Newest first. */
  recordings: z.array(recording),
});
export type RecordingState = z.output<typeof recordingState>;

export const recordingProcedures = {
  'recordings.watch': events({
    summary: 'Recordings of terminals, and which are being made: now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: recordingState,
  }),
  'recordings.setDefault': call({
    summary: 'Record every terminal from its beginning, or only when asked',
    risk: 'change',
    surfaces: windows,
    input: z.object({ on: z.boolean() }),
    output: none,
  }),
  'recordings.start': call({
    summary:
      'Record what an open terminal shows from now on; live secrets of its machine and of its jump hosts are taken out',
    risk: 'change',
    surfaces: windows,
    input: z.object({ sessionId: z.uuid() }),
    output: byId,
  }),
  'recordings.stop': call({
    summary: 'End the recording of a terminal; the terminal goes on',
    risk: 'change',
    surfaces: windows,
    input: z.object({ sessionId: z.uuid() }),
    output: none,
  }),
  'recordings.read': bytes({
    summary: 'A recording as asciicast version 2',
    risk: 'read',
    surfaces: windows,
    input: byId,
  }),
  'recordings.remove': call({
    summary: 'Delete a recording for good',
    risk: 'destructive',
    surfaces: windows,
    input: byId,
    output: none,
  }),
};
