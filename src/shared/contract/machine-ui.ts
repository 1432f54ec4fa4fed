import { z } from 'zod';
import { tileModes } from '../domain/unions.ts';
import { call, events } from './define.ts';
import { id } from './models.ts';

/** How a reader left what the interface shows of one machine. Null or absent: as it is for every machine. */
export const machineUi = z.object({
  machineId: id,
  /** The tile is one line, or shown in full, whatever the density of the fleet is. */
  tileMode: z.enum(tileModes).nullable(),
  /** The tab that was open last; a name that this version does not know is passed over. */
  lastTab: z.string().max(40).nullable(),
  /** Sections that were opened (true) or closed (false) by hand, by their name. */
  sections: z.record(z.string().max(60), z.boolean()),
});
export type MachineUi = z.output<typeof machineUi>;

export const machineUiProcedures = {
  'machineUi.watch': events({
    summary: 'How machines were left in the interface: all of them first, then what changes',
    risk: 'read',
    surfaces: ['ui', 'web'],
    input: z.object({}),
    output: z.object({ machines: z.array(machineUi) }),
  }),
  'machineUi.set': call({
    summary: 'Remember how the interface shows a machine; what is left out stays',
    risk: 'change',
    surfaces: ['ui', 'web'],
    input: z.object({
      machineId: id,
      tileMode: machineUi.shape.tileMode.optional(),
      lastTab: z.string().max(40).optional(),
      /** Added to those that are known. */
      sections: machineUi.shape.sections.optional(),
    }),
    output: z.object({}),
  }),
};
