export { fleet } from '../en/fleet.ts';
