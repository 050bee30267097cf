import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { as } from '../support/client.ts';
import { run } from '../support/process.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

describe('The job that grants and revokes permissions', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('puts them into the tokens of the next login and the next refresh, and takes them out again', async () => {
    const { email, refreshToken, accessToken } = await registerSomebody(service.client);
    assert.equal(permissionsIn(accessToken), undefined);
    await job('grant', '--unverified', email.toUpperCase(), 'ledger:verify', 'ledger:read');
    const refreshed = await service.client.refreshToken({ refreshToken });
    const login = await service.client.login({ email, password: PASSWORD });
    for (const token of [refreshed.accessToken, login.accessToken])
      assert.deepEqual(permissionsIn(token), ['ledger:read', 'ledger:verify']);
    await job('revoke', email, 'ledger:read');
    const next = await service.client.refreshToken({ refreshToken: login.refreshToken });
    assert.deepEqual(permissionsIn(next.accessToken), ['ledger:verify']);
    await job('revoke', email, 'ledger:verify', 'of:a-contract-that-is-gone');
    const last = await service.client.refreshToken({ refreshToken: next.refreshToken });
    assert.equal(permissionsIn(last.accessToken), undefined);
  });

  it('says what it changed and who did it, and nothing of it the second time', async () => {
    const { userId } = await somebody();
    const { user: who, ...first } = await job('grant', userId, 'ledger:read', 'ledger:read');
    assert.deepEqual(first, { change: 'grant', userId, changed: ['ledger:read'], permissions: ['ledger:read'] });
    assert.ok(who);
    const second = await job('grant', userId, 'ledger:read');
    assert.deepEqual([second.changed, second.permissions], [[], ['ledger:read']]);
    assert.deepEqual((await job('revoke', userId, 'ledger:verify')).changed, []);
  });

  it('gives each of many grants at once', async () => {
    const { userId } = await somebody();
    const outcomes = await Promise.all(
      ['ledger:read', 'ledger:verify', 'ledger:read'].map((name) => job('grant', userId, name)),
    );
    assert.deepEqual(outcomes.flatMap(({ changed }) => changed).sort(), ['ledger:read', 'ledger:verify']);
  });

  it('leaves alone who else there is', async () => {
    const [one, other] = [await somebody(), await somebody()];
    await job('grant', one.userId, 'ledger:read');
    const login = await service.client.login({ email: other.email, password: PASSWORD });
    assert.equal(permissionsIn(login.accessToken), undefined);
  });

  it('refuses an address that nobody has proven, unless told so', async () => {
    const { email } = await somebody();
    await refused(['grant', email, 'ledger:read'], 'EMAIL_UNVERIFIED');
    await service.sql('UPDATE users SET email_verified = TRUE WHERE email = ?', [email]);
    assert.deepEqual((await job('grant', email, 'ledger:read')).changed, ['ledger:read']);
  });

  it('refuses an account that does not exist, and a permission that no RPC asks for', async () => {
    await refused(['grant', 'nobody@example.com', 'ledger:read'], 'ACCOUNT_NOT_FOUND');
    await refused(['revoke', 'usr_01m8686p1jeh3ta4ah906cq486', 'ledger:read'], 'ACCOUNT_NOT_FOUND');
    const { userId } = await somebody();
    assert.match(await refused(['grant', userId, 'ledger:write'], 'PERMISSION_UNKNOWN'), /ledger:verify/);
  });

  it('says how it is used', async () => {
    for (const args of [[], ['grant'], ['grant', 'ada@example.com'], ['raise', 'a@b.c', 'x'], ['grant', '--all']])
      assert.match(await refused(args), /npm run grant|Unknown option/);
  });

  async function somebody() {
    const { email, accessToken } = await registerSomebody(service.client);
    const { user } = await service.client.getProfile({}, as(accessToken));
    return { email, userId: user?.userId ?? '' };
  }

  function start(args: readonly string[]) {
    return run('src/permissions.ts', { DATABASE_URL: service.config.DATABASE_URL }, args);
  }

  /** Runs the job. @returns what it wrote down of the change. */
  async function job(...args: string[]) {
    const { code, output } = await start(args).ended();
    assert.equal(code, 0, output);
    const { audit, by, change, userId, changed, permissions } = JSON.parse(output);
    assert.equal(audit, 'permissions');
    return { user: String(by), change, userId, changed: changed as string[], permissions };
  }

  async function refused(args: readonly string[], reason?: string): Promise<string> {
    const { code, output } = await start(args).ended();
    assert.equal(code, 1, output);
    assert.equal(JSON.parse(output).reason, reason);
    return output;
  }
});

function permissionsIn(accessToken: string): unknown {
  return decodeJwt(accessToken).permissions;
}
