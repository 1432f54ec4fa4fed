export { supportComponent, supportMessages, supportOf } from './support.ts';
