import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { app } from './app.ts';
import { state } from './state.ts';

/** The keyring of the simulation: a file in the user-data directory. */
function key(): Buffer {
  const file = path.join(app.getPath('userData'), 'sim-keyring');
  try {
    return readFileSync(file);
  } catch {
    const made = randomBytes(32);
    writeFileSync(file, made, { mode: 0o600 });
    return made;
  }
}

const backend = (): string => process.env['HOMEPORT_SIM_KEYRING'] ?? 'gnome_libsecret';

function assertReady(): void {
  if (!state.isReady) throw new Error('safeStorage cannot be used before app is ready');
}

export const safeStorage = {
  getSelectedStorageBackend: (): string => (state.isReady ? backend() : 'unknown'),
  async isAsyncEncryptionAvailable(): Promise<boolean> {
    assertReady();
    return true;
  },
  async encryptStringAsync(text: string): Promise<Buffer> {
    assertReady();
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key(), nonce);
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  },
  async decryptStringAsync(sealed: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> {
    assertReady();
    const decipher = createDecipheriv('aes-256-gcm', key(), sealed.subarray(0, 12));
    decipher.setAuthTag(sealed.subarray(-16));
    const text = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]);
    return { result: text.toString('utf8'), shouldReEncrypt: false };
  },
};
