import { z } from 'zod';
import { bytes, call, events, type ContractShape } from './define.ts';
import { everywhere, people, byId, page } from './inputs.ts';
import * as m from './models.ts';

export const executionProcedures = {
  'executions.list': call({
    summary: 'Runs, newest first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({ machineId: m.id.optional(), ...page }),
    output: z.object({ executions: z.array(m.executionSummary) }),
  }),
  'executions.get': call({
    summary: 'One run with steps, planned and applied packages and errors',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: m.executionDetail,
  }),
  'executions.watch': events({
    summary: 'One run as it goes: the whole first, then at each change, until it has ended',
    risk: 'read',
    surfaces: people,
    input: byId,
    output: m.executionDetail,
  }),
  'executions.log': bytes({
    summary: 'The raw log of a run from an offset; goes on live until the run has ended',
    risk: 'read',
    surfaces: people,
    input: z.object({ id: m.id, offset: z.number().int().min(0).default(0) }),
  }),
} satisfies ContractShape;
