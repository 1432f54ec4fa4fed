import { z } from 'zod';
import { bytes } from '../../src/shared/contract/define.ts';

/** What the page and the server of this bench speak. */
export const benchContract = {
  flood: bytes({
    summary: 'Terminal-like output',
    risk: 'read',
    surfaces: ['web'],
    input: z.object({ bytes: z.number().int() }),
  }),
};
