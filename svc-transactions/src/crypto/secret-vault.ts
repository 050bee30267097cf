import { CompactEncrypt, compactDecrypt } from 'jose';
import type { SecretVault } from '../domain/webhooks/ports.ts';

/** Makes a vault of JWEs (RFC 7516, `dir` with A256GCM). @param encryptionKey 32 bytes: `KEY_ENCRYPTION_KEY`. */
export function createSecretVault(encryptionKey: Uint8Array): SecretVault {
  return {
    // The header is authenticated with the rest: a row that was moved to another endpoint does not open.
    seal: (secret, endpointId) =>
      new CompactEncrypt(new TextEncoder().encode(secret))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: endpointId })
        .encrypt(encryptionKey),
    open: async (sealed, endpointId) => {
      const { plaintext, protectedHeader } = await compactDecrypt(sealed, encryptionKey).catch((cause: unknown) => {
        throw new Error('KEY_ENCRYPTION_KEY does not open a secret that is in the database', { cause });
      });
      if (protectedHeader.kid !== endpointId) throw new Error('a secret is that of another endpoint');
      return new TextDecoder().decode(plaintext);
    },
  };
}
