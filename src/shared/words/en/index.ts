import { errors } from './errors.ts';
import { jobs } from './jobs.ts';

/** What both the page and the terminal say, in English, the reference. */
export const en = { ...jobs, ...errors } as const;
