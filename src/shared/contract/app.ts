import { z } from 'zod';
import { call, events, type ContractShape } from './define.ts';
import { people, windows, none } from './inputs.ts';
import * as m from './models.ts';

export const appProcedures = {
  'app.info': call({
    summary: 'Version, host and data directory of the running application',
    risk: 'read',
    surfaces: people,
    input: none,
    output: m.appInfo,
  }),
  'preferences.watch': events({
    summary: 'Preferences of the interface now and at each change',
    risk: 'read',
    surfaces: windows,
    input: none,
    output: m.preferences,
  }),
  'preferences.set': call({
    summary: 'Change preferences of the interface',
    risk: 'change',
    surfaces: windows,
    input: m.preferencesPatch,
    output: m.preferences,
  }),
  'maintenance.rebuild': call({
    summary: 'Rebuild every derived table from the archived payloads',
    risk: 'change',
    surfaces: windows,
    input: none,
    output: z.object({ rebuilt: z.record(z.string(), z.number().int()), durationMs: z.number() }),
  }),
} satisfies ContractShape;
