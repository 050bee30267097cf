import {
  CompactEncrypt,
  type CryptoKey,
  calculateJwkThumbprint,
  compactDecrypt,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { LRUCache } from 'lru-cache';
import type { KeyVault } from '../domain/keyring.ts';
import type { KeyPair, PublicJwk } from '../domain/signing-key.ts';

const ALGORITHM = 'ES256';
const OPEN_KEYS_MAX = 8;

/** Makes and opens private keys, which are JWEs (RFC 7516, `dir` with A256GCM) under one key. */
export interface PrivateKeyVault extends KeyVault {
  /** @throws Error when the key was encrypted under another one. */
  open(pair: KeyPair): Promise<CryptoKey>;
}

/** Makes a vault. @param encryptionKey 32 bytes: `KEY_ENCRYPTION_KEY`. */
export function createKeyVault(encryptionKey: Uint8Array): PrivateKeyVault {
  const opened = new LRUCache<string, CryptoKey>({
    max: OPEN_KEYS_MAX,
    fetchMethod: (encrypted) => openPrivateKey(encrypted, encryptionKey),
  });
  const open = ({ encryptedPrivateJwk }: KeyPair) => opened.forceFetch(encryptedPrivateJwk);
  return { open, newPair: () => newKeyPair(encryptionKey), check: async (pair) => void (await open(pair)) };
}

/** Makes a key pair for ES256. Its `kid` is the thumbprint of its public half (RFC 7638). */
async function newKeyPair(encryptionKey: Uint8Array): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const { kty, crv, x, y } = (await exportJWK(publicKey)) as Required<JWK>;
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  const plain = new TextEncoder().encode(JSON.stringify(await exportJWK(privateKey)));
  const encryptedPrivateJwk = await new CompactEncrypt(plain)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
    .encrypt(encryptionKey);
  return { publicJwk: { kid, kty, use: 'sig', alg: ALGORITHM, crv, x, y } satisfies PublicJwk, encryptedPrivateJwk };
}

async function openPrivateKey(encryptedPrivateJwk: string, encryptionKey: Uint8Array): Promise<CryptoKey> {
  const { plaintext } = await compactDecrypt(encryptedPrivateJwk, encryptionKey).catch((cause: unknown) => {
    throw new Error('KEY_ENCRYPTION_KEY does not open the signing keys that are in the database', { cause });
  });
  const jwk = JSON.parse(new TextDecoder().decode(plaintext)) as JWK;
  return (await importJWK(jwk, ALGORITHM)) as CryptoKey;
}
