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
import type { KeyPair, PublicJwk } from '../domain/signing-key.ts';

const ALGORITHM = 'ES256';

/** Makes a key pair for ES256; its private half is a JWE (RFC 7516, `dir` with A256GCM) under `encryptionKey`. */
export async function newKeyPair(encryptionKey: Uint8Array): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const { kty, crv, x, y } = (await exportJWK(publicKey)) as Required<JWK>;
  const kid = await calculateJwkThumbprint({ kty, crv, x, y });
  const plain = new TextEncoder().encode(JSON.stringify(await exportJWK(privateKey)));
  const encryptedPrivateJwk = await new CompactEncrypt(plain)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
    .encrypt(encryptionKey);
  return { publicJwk: { kid, kty, use: 'sig', alg: ALGORITHM, crv, x, y } satisfies PublicJwk, encryptedPrivateJwk };
}

/**
 * Decrypts a private key.
 * @throws Error of jose when `encryptionKey` is not the one it was encrypted under.
 */
export async function openPrivateKey(encryptedPrivateJwk: string, encryptionKey: Uint8Array): Promise<CryptoKey> {
  const { plaintext } = await compactDecrypt(encryptedPrivateJwk, encryptionKey);
  const jwk = JSON.parse(new TextDecoder().decode(plaintext)) as JWK;
  return (await importJWK(jwk, ALGORITHM)) as CryptoKey;
}
