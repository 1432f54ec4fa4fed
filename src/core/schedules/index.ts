export { scheduleHandlers } from './handlers.ts';
export { createSchedules, type Schedules } from './schedules.ts';
