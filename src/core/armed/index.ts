export {
  armedById,
  armedOfDue,
  armedToAsk,
  dropArmed,
  insertArmed,
  listArmed,
  liveArmedOf,
  liveArmedOfSchedule,
  markAsked,
  moveArmed,
  type ArmedRow,
  type DueArmed,
} from './store.ts';
