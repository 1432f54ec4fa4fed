export { createKeyringWrapper } from './keyring.ts';
export type { KeyWrapper, Vault, VaultStatus } from './types.ts';
