import { createHash } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';

/** A key of 32 bytes, in base64. */
export const secretKey = z
  .base64()
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
  .refine((bytes) => bytes.byteLength === 32, 'must be 32 bytes in base64');

/** Keys that were in force before, between commas: what was made with one is still read. Default: none. */
export const previousKeys = z
  .string()
  .default('')
  .transform((text) => text.split(',').map((key) => key.trim()))
  .transform((keys) => keys.filter((key) => key !== ''))
  .pipe(z.array(secretKey));

/** Encrypts texts for a database, and says under which of its keys one is. */
export interface Vault {
  /** @param context what the text belongs to: for another it does not open. */
  seal(text: string, context: string): Promise<string>;
  /** @throws Error when it was encrypted under a key that is not known here, or for another context. */
  open(sealed: string, context: string): Promise<string>;
  /** Whether a text is under the current key, or has to be encrypted again before the key it is under can go. */
  isCurrent(sealed: string): boolean;
  /** Whether the key that a text names is known. One that names none was made before texts did: it is tried. */
  isKnown(sealed: string): boolean;
}

/**
 * Makes a vault of JWEs (RFC 7516, `dir` with A256GCM). The header names the key by its `kid` and the context; it is
 * authenticated with the rest. Texts from before that had the context in the `kid`: they are opened by whichever key does.
 * @param variable what the configuration calls the key, for messages.
 */
export function createVault(current: Uint8Array, previous: readonly Uint8Array[], variable: string): Vault {
  const keys = new Map([current, ...previous].map((key) => [keyId(key), key]));
  const currentId = keyId(current);
  const kidOf = (sealed: string) => String(decodeProtectedHeader(sealed).kid ?? '');
  const candidates = (sealed: string) => {
    const named = keys.get(kidOf(sealed));
    return named ? [named] : kidOf(sealed).startsWith(KEY_ID) ? [] : [...keys.values()];
  };
  return {
    seal: (text, context) =>
      new CompactEncrypt(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: currentId, ctx: context })
        .encrypt(current),
    open: async (sealed, context) => {
      for (const key of candidates(sealed)) {
        const opened = await compactDecrypt(sealed, key).catch(() => undefined);
        if (!opened) continue;
        const { kid, ctx = kid } = opened.protectedHeader;
        if (ctx !== context) throw new Error('an encrypted text belongs to something else');
        return new TextDecoder().decode(opened.plaintext);
      }
      throw new Error(`neither ${variable} nor a previous key opens a text that is in the database`);
    },
    isCurrent: (sealed) => kidOf(sealed) === currentId,
    isKnown: (sealed) => candidates(sealed).length > 0,
  };
}

const KEY_ID = 'key_';

/** Names a key without giving it away. */
function keyId(key: Uint8Array): string {
  return `${KEY_ID}${createHash('sha256').update('malla key id').update(key).digest('base64url').slice(0, 16)}`;
}
