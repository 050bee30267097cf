import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  ATTEMPTS_PER_ADDRESS_MAX,
  ATTEMPTS_PER_IDENTIFIER_MAX,
  LOGIN_WINDOW_MS,
} from '../../src/domain/login-throttle.ts';
import { as, from, fromElsewhere, type UsersClient } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

const ADDRESS = '203.0.113.1';
const NEW_PASSWORD = 'a better horse battery';

describe('UsersService/Login, locked out', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('refuses even the right password after ten wrong ones from an address, and says when to come back', async () => {
    const { email } = await registerSomebody(service.client);
    await guess(email, ATTEMPTS_PER_ADDRESS_MAX);
    const said = await rejectsWith(login(email), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
    assert.equal(said.retryAfterMs, LOGIN_WINDOW_MS);
  });

  it('locks an address without an account with the same words', async () => {
    const { email } = await registerSomebody(service.client);
    const unknown = `${randomUUID()}@example.com`;
    await Promise.all([lock(email), lock(unknown)]);
    const said = await rejectsWith(login(email), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
    assert.deepEqual(await rejectsWith(login(unknown), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED'), said);
  });

  it('lets the owner in from another address, however long the stranger goes on', async () => {
    const { email } = await registerSomebody(service.client);
    await Promise.allSettled(Array.from({ length: 150 }, () => login(email, 'a guess')));
    await login(email, PASSWORD, fromElsewhere());
  });

  it('locks the identifier for every address after a hundred guesses from many', async () => {
    const { email } = await registerSomebody(service.client);
    await guess(email, 1);
    await setAttempts(email, ATTEMPTS_PER_IDENTIFIER_MAX - 1);
    await rejectsWith(login(email, 'a guess', fromElsewhere()), 'UNAUTHENTICATED', 'CREDENTIALS_INVALID');
    await rejectsWith(login(email, PASSWORD, fromElsewhere()), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
  });

  it('lets the owner in where the owner logged in before, however many addresses guess', async () => {
    const { email } = await registerSomebody(service.client);
    await login(email);
    await exhaust(email);
    await login(email);
    await rejectsWith(login(email, PASSWORD, fromElsewhere()), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
    const replica = await service.replica();
    await login(email, PASSWORD, from(ADDRESS), replica);
  });

  it('gives no guesses back for a login of the owner', async () => {
    const { email } = await registerSomebody(service.client);
    await login(email);
    await exhaust(email);
    await login(email);
    await rejectsWith(login(email, 'a guess', fromElsewhere()), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
  });

  it('bounds the guesses from where the owner logged in before as well, and for that address alone', async () => {
    const { email } = await registerSomebody(service.client);
    await login(email);
    await guess(email, ATTEMPTS_PER_ADDRESS_MAX);
    await rejectsWith(login(email), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
    await login(email, PASSWORD, fromElsewhere());
  });

  it('knows a device where it last refreshed its session', async () => {
    const { email, refreshToken } = await registerSomebody(service.client);
    await service.client.refreshToken({ refreshToken }, from('198.51.100.7'));
    await exhaust(email);
    await login(email, PASSWORD, from('198.51.100.7'));
  });

  it('forgets where the owner was when the password changes, but for where it was changed', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    await login(email);
    const change = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    await service.client.changePassword(change, as(accessToken, '198.51.100.8'));
    await exhaust(email);
    await rejectsWith(login(email, NEW_PASSWORD), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
    await login(email, NEW_PASSWORD, from('198.51.100.8'));
  });

  it('counts a client by the one form of its address', async () => {
    const { email } = await registerSomebody(service.client);
    const forms = ['2001:db8:0:7::1', '[2001:db8:0:7::2]:4711', '2001:DB8:0:7:1:2:3:4', '2001:db8:0:7::/64'];
    for (let tried = 0; tried < ATTEMPTS_PER_ADDRESS_MAX; tried += 1) {
      const origin = from(forms[tried % forms.length] ?? '');
      await rejectsWith(login(email, 'a guess', origin), 'UNAUTHENTICATED', 'CREDENTIALS_INVALID');
    }
    await rejectsWith(login(email, PASSWORD, from('2001:db8:0:7::ffff')), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
    await login(email, PASSWORD, from('2001:db8:0:8::1'));
  });

  it('counts a hundred attempts at once one by one: ten are compared and ninety refused', async () => {
    const { email } = await registerSomebody(service.client);
    const replica = await service.replica();
    const clients = [service.client, replica];
    const attempts = Array.from({ length: 100 }, (_, index) =>
      login(email, 'a guess', from(ADDRESS), clients[index % 2]),
    );
    const compared = await Promise.allSettled(
      attempts.map((attempt) => rejectsWith(attempt, 'UNAUTHENTICATED', 'CREDENTIALS_INVALID')),
    );
    const refused = await Promise.allSettled(
      attempts.map((attempt) => rejectsWith(attempt, 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED')),
    );
    assert.equal(compared.filter(({ status }) => status === 'fulfilled').length, ATTEMPTS_PER_ADDRESS_MAX);
    assert.equal(refused.filter(({ status }) => status === 'fulfilled').length, 100 - ATTEMPTS_PER_ADDRESS_MAX);
  });

  it('is locked at a second replica as well', async () => {
    const { email } = await registerSomebody(service.client);
    await lock(email);
    const replica = await service.replica();
    await rejectsWith(login(email, PASSWORD, from(ADDRESS), replica), 'RESOURCE_EXHAUSTED', 'LOGIN_LOCKED');
  });

  it('unlocks when the window has passed', async () => {
    const { email } = await registerSomebody(service.client);
    await lock(email);
    service.clock.advance(LOGIN_WINDOW_MS);
    await login(email);
  });

  it('starts to count anew after the right password', async () => {
    const { email } = await registerSomebody(service.client);
    for (const _ of [1, 2]) {
      await guess(email, ATTEMPTS_PER_ADDRESS_MAX - 1);
      await login(email);
    }
  });

  it('stores neither the address nor the identifier', async () => {
    const { email } = await registerSomebody(service.client);
    await guess(email, 1);
    const rows = await service.sql('SELECT *, CAST(attempt_key AS CHAR) AS text FROM login_attempts');
    assert.ok(!JSON.stringify(rows).includes(email.slice(0, 8)));
  });

  function login(
    email: string,
    password = PASSWORD,
    origin = from(ADDRESS),
    client: UsersClient | undefined = service.client,
  ) {
    return (client ?? service.client).login({ email, password }, origin);
  }

  async function guess(email: string, times: number): Promise<void> {
    const guesses = Array.from({ length: times }, () => login(email, 'a guess'));
    await Promise.all(guesses.map((attempt) => rejectsWith(attempt, 'UNAUTHENTICATED', 'CREDENTIALS_INVALID')));
  }

  /** As if a hundred addresses had guessed once. */
  async function exhaust(email: string): Promise<void> {
    await rejectsWith(login(email, 'a guess', fromElsewhere()), 'UNAUTHENTICATED', 'CREDENTIALS_INVALID');
    await setAttempts(email, ATTEMPTS_PER_IDENTIFIER_MAX);
  }

  async function lock(email: string): Promise<void> {
    await guess(email, 1);
    await setAttempts(`${email}|${ADDRESS}`, ATTEMPTS_PER_ADDRESS_MAX);
  }

  async function setAttempts(key: string, attempts: number): Promise<void> {
    const sql = 'UPDATE login_attempts SET attempts = ? WHERE attempt_key = UNHEX(SHA2(?, 256))';
    await service.sql(sql, [attempts, key]);
  }
});
