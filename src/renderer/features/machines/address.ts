export * from '../../../shared/contract/address.ts';
