export { requestHandlers } from './handlers.ts';
export { isReading } from './plans.ts';
export { createRequests, type Requests } from './requests.ts';
