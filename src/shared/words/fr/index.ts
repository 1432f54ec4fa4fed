import { errors } from './errors.ts';
import { jobs } from './jobs.ts';

/** French. */
export const fr = { ...jobs, ...errors } as const;
