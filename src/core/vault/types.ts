import type { VaultWrapKind } from '../../shared/domain/unions.ts';
import type { SecretPlace } from './cipher.ts';

export type { SecretPlace } from './cipher.ts';

export type Availability = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** A way of the operating system to keep the data key; the host provides it. */
export interface KeyWrapper {
  readonly kind: 'safe_storage' | 'keyring';
  /**
   * Never hangs and never rejects: what stands in its way is the reason, as a word of the catalogue (`vault.reason.*`) or,
   * where only the system knows, in its own words.
   */
  available(): Promise<Availability>;
  wrap(key: Uint8Array): Promise<string>;
  /** `stale` asks for the key to be wrapped again, because the system has changed its own key. */
  unwrap(wrapped: string): Promise<Uint8Array | { readonly key: Uint8Array; readonly stale: boolean }>;
  /** Removes what `wrap` left in the system. */
  forget?(wrapped: string): Promise<void>;
}

export type VaultState = 'not_set_up' | 'locked' | 'unlocked';

export interface VaultStatus {
  readonly state: VaultState;
  /** The ways in which this vault can be opened. */
  readonly wraps: readonly VaultWrapKind[];
  readonly systemKeyring: { readonly available: boolean; readonly reason: string | null };
  /** Null: the vault is never locked by itself. */
  readonly autoLockMs: number | null;
}

export type VaultEvent =
  | { readonly type: 'set_up' | 'unlocked' | 'wrap_added' | 'wrap_removed'; readonly kind: VaultWrapKind }
  | { readonly type: 'locked'; readonly cause: 'asked' | 'idle' | 'reset' }
  | { readonly type: 'passphrase_changed' };

/** One use of secrets, as the audit event tells it. */
export interface SecretUse {
  readonly machineId: string | null;
  /** Why, in a few words, such as `sudo for apt_upgrade`. Never a value. */
  readonly reason: string;
  /** What the event calls the fields; by default their columns. */
  readonly fields?: readonly string[];
}

export interface SealedSecret {
  readonly place: SecretPlace;
  readonly ciphertext: string;
}

/**
 * The one random data key that encrypts every secret field, kept wrapped in the database (once for each way to open
 * it) and in the clear only in this process's memory while the vault is unlocked.
 *
 * Functions that need the key throw AppError vault_not_set_up or vault_locked.
 */
export interface Vault {
  readonly state: () => VaultState;
  readonly status: () => Promise<VaultStatus>;

  /** Makes the vault, its key kept by the system's keyring. @throws AppError vault_unavailable, conflict */
  readonly setUpWithSystem: () => Promise<void>;
  /** @throws AppError invalid_input (shorter than 8 characters), conflict */
  readonly setUpWithPassphrase: (passphrase: string) => Promise<void>;

  /**
   * Opens with the passphrase, or without one by the system's keyring. Harmless when already open.
   * @throws AppError vault_passphrase_wrong, vault_unavailable, vault_not_set_up
   */
  readonly unlock: (passphrase?: string) => Promise<void>;
  /** Opens by the system's keyring where that needs nothing from the user; returns whether the vault is open. */
  readonly tryAutoUnlock: () => Promise<boolean>;
  /** Drops the key from memory. */
  readonly lock: () => void;
  /** The user did something: the idle time begins again. */
  readonly touch: () => void;
  readonly setAutoLock: (idleMs: number | null) => void;

  /**
   * Wraps the same data key with another passphrase; no secret is encrypted anew. Asks for the old one even when open,
   * and leaves the vault open.
   * @throws AppError vault_passphrase_wrong, invalid_input, not_found (there is no passphrase), conflict
   */
  readonly changePassphrase: (oldPassphrase: string, newPassphrase: string) => Promise<void>;
  /**
   * Adds a way to open the vault, which must be open; the kind `passphrase` takes one.
   * @throws AppError conflict (there is one of this kind), vault_unavailable, invalid_input
   */
  readonly addWrap: (kind: VaultWrapKind, passphrase?: string) => Promise<void>;
  /** Removes a way to open the vault, which must be open. @throws AppError not_found, conflict (the last one stays) */
  readonly removeWrap: (kind: VaultWrapKind) => Promise<void>;
  /** Gives up every secret: erases all wraps and ciphertexts, for who has lost every way to open the vault. */
  readonly reset: () => void;

  readonly encrypt: (place: SecretPlace, plaintext: string) => string;
  /** Like `decryptAll` for one. @throws AppError secret_unreadable */
  readonly decrypt: (place: SecretPlace, ciphertext: string, use: SecretUse) => string;
  /**
   * Decrypts several secrets for one use. The audit event (`secret_decrypted`) is written in the same transaction:
   * where it cannot be written, nothing is handed out.
   * @throws AppError secret_unreadable
   */
  readonly decryptAll: (secrets: readonly SealedSecret[], use: SecretUse) => string[];

  readonly close: () => void;
}
