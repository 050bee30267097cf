import { createVault, type Vault } from '@malla/chassis/encryption-keys';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { LRUCache } from 'lru-cache';
import type { KeyVault } from '../domain/keyring.ts';
import type { KeyPair, PublicJwk } from '../domain/signing-key.ts';

const ALGORITHM = 'ES256';
const OPEN_KEYS_MAX = 8;

/** Makes and opens private keys, which are encrypted. */
export interface PrivateKeyVault extends KeyVault {
  /** @throws Error when the key was encrypted under another one. */
  open(pair: KeyPair): Promise<CryptoKey>;
}

/** The vault that the configuration asks for. */
export function vaultOf(config: {
  readonly KEY_ENCRYPTION_KEY: Uint8Array;
  readonly KEY_ENCRYPTION_KEYS_PREVIOUS: readonly Uint8Array[];
}): Vault {
  return createVault(config.KEY_ENCRYPTION_KEY, config.KEY_ENCRYPTION_KEYS_PREVIOUS, 'KEY_ENCRYPTION_KEY');
}

/** Makes a vault for private keys. @param vault of `KEY_ENCRYPTION_KEY`, and of what it was before. */
export function createKeyVault(vault: Vault): PrivateKeyVault {
  const opened = new LRUCache<string, CryptoKey, string>({
    max: OPEN_KEYS_MAX,
    fetchMethod: (encrypted, _stale, { context: kid }) => openPrivateKey(encrypted, kid, vault),
  });
  const open = ({ encryptedPrivateJwk, publicJwk }: KeyPair) =>
    opened.forceFetch(encryptedPrivateJwk, { context: publicJwk.kid });
  return { open, newPair: () => newKeyPair(vault), check: async (pair) => void (await open(pair)) };
}

/** Makes a key pair for ES256. Its `kid` is the thumbprint of its public half (RFC 7638). */
async function newKeyPair(vault: Vault): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const { kty, crv, x, y } = (await exportJWK(publicKey)) as Required<JWK>;
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  const encryptedPrivateJwk = await vault.seal(JSON.stringify(await exportJWK(privateKey)), kid);
  return { publicJwk: { kid, kty, use: 'sig', alg: ALGORITHM, crv, x, y } satisfies PublicJwk, encryptedPrivateJwk };
}

async function openPrivateKey(encryptedPrivateJwk: string, kid: string, vault: Vault): Promise<CryptoKey> {
  const text = await vault.open(encryptedPrivateJwk, kid).catch((cause: unknown) => {
    throw new Error('KEY_ENCRYPTION_KEY does not open the signing keys that are in the database', { cause });
  });
  return (await importJWK(JSON.parse(text) as JWK, ALGORITHM)) as CryptoKey;
}
