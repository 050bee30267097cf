import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import { DEFAULT_KEY_SCHEDULE } from '../../src/domain/signing-key.ts';
import { as } from '../support/client.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

const { rotationMs, publishLeadMs, retentionMs } = DEFAULT_KEY_SCHEDULE;

describe('UsersService/GetJwks', () => {
  let service: TestService;
  beforeEach(async () => {
    service = await startTestService();
  });
  afterEach(() => service.stop());

  it('answers public keys and nothing else of them, each named by its thumbprint (RFC 7638)', async () => {
    const { keys } = await service.client.getJwks({});
    assert.equal(keys.length, 1);
    for (const key of keys) {
      const { kid, kty, crv, x, y } = key;
      assert.deepEqual(Object.keys(key).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
      assert.equal(kid, await calculateJwkThumbprint({ kty, crv, x, y }));
    }
  });

  it('publishes a key a day before it signs, and keeps it a day after the next one took over', async () => {
    const { email } = await registerSomebody(service.client);
    const first = await signingKid(email);
    const at = async (ms: number) => {
      service.clock.advance(ms);
      const replica = await service.replica();
      return (await replica.getJwks({})).keys.map(({ kid }) => kid);
    };
    assert.deepEqual(await at(rotationMs - publishLeadMs - 1), [first]);
    const published = await at(1);
    assert.equal(published.length, 2);
    assert.equal(await signingKid(email), first);
    service.clock.advance(publishLeadMs);
    const [, second] = published;
    assert.equal(await signingKid(email, await service.replica()), second);
    assert.ok((await at(retentionMs - 1)).includes(first));
    assert.ok(!(await at(1)).includes(first));
  });

  it('lets two replicas that rotate at once make one key', async () => {
    service.clock.advance(rotationMs);
    const replicas = await Promise.all(Array.from({ length: 4 }, () => service.replica()));
    const sets = await Promise.all(replicas.map((replica) => replica.getJwks({})));
    assert.equal(sets[0]?.keys.length, 2);
    for (const set of sets) assert.deepEqual(set, sets[0]);
  });

  it('lets two replicas that start on an empty database make one key', async () => {
    await service.sql('DELETE FROM signing_keys');
    await Promise.all(Array.from({ length: 4 }, () => service.replica()));
    const [row] = await service.sql<{ n: number }>('SELECT COUNT(*) AS n FROM signing_keys');
    assert.equal(Number(row?.n), 1);
  });

  it('verifies what the previous key signed after the next one took over', async () => {
    const { accessToken } = await registerSomebody(service.client);
    service.clock.advance(rotationMs);
    await service.replica();
    service.clock.advance(publishLeadMs);
    const replica = await service.replica();
    await replica.getProfile({}, as(accessToken));
  });

  it('finds the key of another replica by asking the database once, however many ask', async () => {
    const { email } = await registerSomebody(service.client);
    await service.sql('DELETE FROM signing_keys');
    const replica = await service.replica();
    const tokens = await Promise.all(Array.from({ length: 3 }, () => replica.login({ email, password: PASSWORD })));
    const statements = await service.proxy.record(() =>
      Promise.all(tokens.map(({ accessToken }) => service.client.getProfile({}, as(accessToken)))),
    );
    assert.equal(statements.filter((sql) => sql.includes('signing_keys')).length, 1, statements.join('\n'));
  });

  it('stores private keys that nobody can read without the key-encryption key', async () => {
    const [row] = await service.sql<{ encrypted_private_jwk: string }>('SELECT * FROM signing_keys');
    const jwe = row?.encrypted_private_jwk ?? '';
    assert.equal(jwe.split('.').length, 5);
    assert.deepEqual(decodeProtectedHeader(jwe).enc, 'A256GCM');
    const readable = jwe
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('latin1'))
      .join();
    assert.ok(!readable.includes('"d"'));
  });

  it('refuses to start with another key-encryption key, and adds no key of its own', async () => {
    service.clock.advance(rotationMs);
    const other = service.replica({ KEY_ENCRYPTION_KEY: new Uint8Array(randomBytes(32)) });
    await assert.rejects(other, /^Error: KEY_ENCRYPTION_KEY does not open the signing keys that are in the database$/);
    const [row] = await service.sql<{ n: number }>('SELECT COUNT(*) AS n FROM signing_keys');
    assert.equal(Number(row?.n), 1);
  });

  async function signingKid(email: string, client = service.client): Promise<string> {
    const { accessToken } = await client.login({ email, password: PASSWORD });
    return decodeProtectedHeader(accessToken).kid ?? '';
  }
});
