export { messageHandlers } from './handlers.ts';
export { recountMessages } from './recount.ts';
export { recordMessages, settleMessages, type NewMessage } from './record.ts';
