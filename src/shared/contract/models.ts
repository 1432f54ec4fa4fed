/** Shapes that cross the contract, by subject. Dates are ISO 8601 UTC text; `null` means unknown, never zero. */
export * from './models/common.ts';
export * from './models/fleet.ts';
export * from './models/machine.ts';
export * from './models/plan.ts';
export * from './models/run.ts';
export * from './models/timeline.ts';
export * from './models/app.ts';
