import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { as, from, fromElsewhere } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';
import { mediansOf } from '../support/stopwatch.ts';

describe('UsersService/Login', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService({ realHashing: true });
  });
  after(() => service.stop());

  it('answers tokens of a new session for the right password, whatever the case of the address', async () => {
    const { email } = await registerSomebody(service.client);
    const tokens = await service.client.login({ email: email.toUpperCase(), password: PASSWORD });
    const { sessions } = await service.client.listSessions({ pageSize: 0, pageToken: '' }, as(tokens.accessToken));
    assert.equal(sessions.length, 2);
    assert.equal(sessions[0]?.current, true);
  });

  it('answers a wrong password and an unknown address with the same words', async () => {
    const { email } = await registerSomebody(service.client);
    const wrong = service.client.login({ email, password: 'not the password' }, fromElsewhere());
    const unknown = service.client.login({ email: `${randomUUID()}@example.com`, password: PASSWORD }, fromElsewhere());
    const said = await rejectsWith(wrong, 'UNAUTHENTICATED', 'CREDENTIALS_INVALID');
    assert.deepEqual(await rejectsWith(unknown, 'UNAUTHENTICATED', 'CREDENTIALS_INVALID'), said);
  });

  it('takes as long for an unknown address as for a wrong password, also where the stored hash is an outdated one', async () => {
    const { email } = await registerSomebody(service.client);
    const { email: outdated } = await registerSomebody(service.client);
    await setOutdatedHash(outdated);
    const login = (address: string) => () =>
      service.client.login({ email: address, password: 'not the password' }, fromElsewhere()).catch(() => undefined);
    const [wrong = 0, unknown = 0, cheap = 0] = await mediansOf(7, [
      login(email),
      login(`${randomUUID()}@example.com`),
      login(outdated),
    ]);
    assert.ok(unknown > wrong * 0.6 && unknown < wrong * 1.6, `wrong ${wrong} ms, unknown ${unknown} ms`);
    assert.ok(cheap > wrong * 0.6, `wrong ${wrong} ms, outdated ${cheap} ms`);
  });

  it('stores a hash with the parameters in force after a login with an outdated one', async () => {
    const { email } = await registerSomebody(service.client);
    await setOutdatedHash(email);
    await service.client.login({ email, password: PASSWORD });
    const [row] = await service.sql<{ password_hash: string }>('SELECT password_hash FROM users WHERE email = ?', [
      email,
    ]);
    assert.match(row?.password_hash ?? '', /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    await service.client.login({ email, password: PASSWORD });
  });

  it('takes a password typed in another Unicode form for the same', async () => {
    const email = `${randomUUID()}@example.com`;
    await service.client.registerUser({ email, password: 'contraseña larga', displayName: 'Ana' });
    await service.client.login({ email, password: 'contraseña larga'.normalize('NFD') });
  });

  it('keeps where the login came from, cut to what is stored', async () => {
    const { email } = await registerSomebody(service.client);
    const tokens = await service.client.login({ email, password: PASSWORD }, from('203.0.113.9', 'x'.repeat(3_000)));
    const { sessions } = await service.client.listSessions({ pageSize: 1, pageToken: '' }, as(tokens.accessToken));
    assert.equal(sessions[0]?.ipAddress, '203.0.113.9');
    assert.equal(sessions[0]?.userAgent, 'x'.repeat(512));
  });

  it('names the fields of a request that breaks a rule', async () => {
    const bad = service.client.login({ email: 'nobody', password: '' });
    const said = await rejectsWith(bad, 'INVALID_ARGUMENT', 'MESSAGE_INVALID');
    assert.deepEqual(said.fields.map(({ field }) => field).sort(), ['email', 'password']);
  });

  it('says that it is busy when too many passwords wait to be compared, and counts no attempt for that', async () => {
    await service.sql('DELETE FROM login_attempts');
    const logins = Array.from({ length: 60 }, () =>
      service.client.login({ email: `${randomUUID()}@example.com`, password: PASSWORD }, fromElsewhere()),
    );
    const outcomes = await Promise.allSettled(logins.map((login) => rejectsWith(login, 'UNAVAILABLE', 'SERVER_BUSY')));
    const busy = outcomes.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(busy > 0);
    const counts = await service.sql<{ attempts: number }>('SELECT attempts FROM login_attempts');
    assert.equal(counts.length, 2 * 60);
    assert.equal(counts.filter(({ attempts }) => attempts === 0).length, 2 * busy);
  });

  async function setOutdatedHash(email: string): Promise<void> {
    const cheap = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    await service.sql('UPDATE users SET password_hash = ? WHERE email = ?', [cheap, email]);
  }
});
