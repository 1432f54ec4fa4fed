export { outwardHandlers } from './handlers.ts';
export { createOutward, type Outward, type OutwardPace } from './outward.ts';
