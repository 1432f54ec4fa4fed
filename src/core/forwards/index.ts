export { createForwards } from './handlers.ts';
