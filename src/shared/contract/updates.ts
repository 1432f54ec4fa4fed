import { z } from 'zod';
import { planModes } from '../domain/unions.ts';
import { call, type ContractShape } from './define.ts';
import { everywhere, people, byMachine } from './inputs.ts';
import * as m from './models.ts';

export const updateProcedures = {
  'updates.fleet': call({
    summary: 'Updates over the fleet, each once with the number of machines that wait; the most wanted first',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      /** Part of a package's name. */
      search: z.string().max(100).optional(),
      securityOnly: z.boolean().default(false),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    output: z.object({ groups: z.array(m.updateGroup), total: z.number().int() }),
  }),
  'updates.machines': call({
    summary: 'The machines that wait for one update, by name',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({
      /** Of a group of `updates.fleet`. */
      key: z.string().min(1).max(2000),
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(1000).default(1000),
    }),
    output: z.object({ machines: z.array(m.namedMachine), total: z.number().int() }),
  }),
  'snapshots.latest': call({
    summary: 'The newest analysis of a machine with both plans, or null when there is none',
    risk: 'read',
    surfaces: everywhere,
    input: byMachine,
    output: z.object({ snapshot: m.snapshotDetail.nullable() }),
  }),
  'plans.simulate': call({
    summary:
      'Simulate a plan on a machine now and keep it, so that it can be approved; changes nothing there',
    risk: 'read',
    surfaces: people,
    input: z
      .object({
        machineId: m.id,
        mode: z.enum(planModes),
        /** Names, with `:arch` where foreign; only and always for `selected`. */
        packages: z
          .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$/, 'package name'))
          .max(2000)
          .default([]),
      })
      .refine(({ mode, packages }) => (mode === 'selected') === packages.length > 0, {
        path: ['packages'],
        message: 'package names for the mode selected, and only for that',
      }),
    output: m.simulatedPlan,
  }),
} satisfies ContractShape;
