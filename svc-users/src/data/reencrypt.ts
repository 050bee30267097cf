import type { Vault } from '@malla/chassis/encryption-keys';
import type { PublicJwk } from '../domain/signing-key.ts';
import type { Orm } from './orm.ts';

interface Row {
  readonly sequence: number;
  readonly public_jwk: PublicJwk | string;
  readonly encrypted_private_jwk: string;
}

/**
 * Encrypts again, under the current key, what is under a previous one. Again it goes on where it stopped; replicas that read
 * meanwhile open both. There are at most a few signing keys.
 * @returns how many it encrypted. @throws Error when one cannot be opened.
 */
export async function reencrypt({ em }: Orm, vault: Vault): Promise<number> {
  const rows = await em.fork().execute<Row[]>('SELECT sequence, public_jwk, encrypted_private_jwk FROM signing_keys');
  const old = rows.filter(({ encrypted_private_jwk: sealed }) => !vault.isCurrent(sealed));
  for (const { sequence, public_jwk: jwk, encrypted_private_jwk: sealed } of old) {
    const { kid } = typeof jwk === 'string' ? (JSON.parse(jwk) as PublicJwk) : jwk;
    const fresh = await vault.seal(await vault.open(sealed, kid), kid);
    const sql = 'UPDATE signing_keys SET encrypted_private_jwk = ? WHERE sequence = ? AND encrypted_private_jwk = ?';
    await em.fork().execute(sql, [fresh, sequence, sealed], 'run');
  }
  return old.length;
}
