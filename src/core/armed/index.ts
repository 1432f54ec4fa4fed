export { askAfterDue } from './asking.ts';
export {
  armedById,
  armedOfDue,
  armedToAsk,
  askUnconfirmed,
  beginOf,
  countLiveArmed,
  dropArmed,
  insertArmed,
  listArmed,
  liveArmedOf,
  markAsked,
  markUnknown,
  moveArmed,
  nextAskAt,
  type ArmedRow,
  type DueArmed,
} from './store.ts';
