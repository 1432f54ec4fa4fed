export { messageHandlers } from './handlers.ts';
export { recordMessages, settleMessages, type NewMessage } from './record.ts';
