import { createHmac, timingSafeEqual } from 'node:crypto';
import { DomainError } from '@malla/chassis/errors';

/** Page tokens: opaque, and good only for the list that gave them. */
export interface PageTokens {
  /**
   * @param list what is listed, with every filter: a token is refused for another one.
   * @param position where the next page begins; of undefined parts when there is none.
   * @returns the token; empty for no next page.
   */
  write(list: readonly unknown[], position: readonly (string | undefined)[]): string;
  /**
   * @returns the position; nothing for an empty token.
   * @throws DomainError `invalid` (PAGE_TOKEN_INVALID) for what `write` did not write for this list.
   */
  read(list: readonly unknown[], token: string): readonly string[];
}

const MAC_BYTES = 16;

/**
 * Makes page tokens signed by HMAC-SHA-256.
 * @param key of 32 bytes, the same in every replica.
 * @param previous keys whose tokens are still read.
 */
export function createPageTokens(key: Uint8Array, previous: readonly Uint8Array[] = []): PageTokens {
  const macOf = (list: readonly unknown[], position: string, by = key) => {
    const text = JSON.stringify([list, position], (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
    return createHmac('sha256', by).update(text).digest().subarray(0, MAC_BYTES);
  };
  return {
    write: (list, position) => {
      if (position.includes(undefined)) return '';
      const text = JSON.stringify(position);
      return Buffer.concat([macOf(list, text), Buffer.from(text)]).toString('base64url');
    },
    read: (list, token) => {
      if (token === '') return [];
      const bytes = Buffer.from(token, 'base64url');
      // Decoding passes over what is no base64, and so another text could mean the same.
      if (bytes.toString('base64url') !== token) throw invalidToken();
      const [mac, text] = [bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES).toString()];
      if (mac.length < MAC_BYTES || ![key, ...previous].some((by) => timingSafeEqual(mac, macOf(list, text, by))))
        throw invalidToken();
      return JSON.parse(text) as string[];
    },
  };
}

function invalidToken(): DomainError {
  const description = 'is not the token of a page of this list';
  const fields = [{ field: 'page_token', reason: 'PAGE_TOKEN_INVALID', description }];
  return new DomainError('invalid', 'PAGE_TOKEN_INVALID', 'The page token is not one that was given.', { fields });
}
