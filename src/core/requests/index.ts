export { requestHandlers } from './handlers.ts';
export { createRequests, type Requests } from './requests.ts';
