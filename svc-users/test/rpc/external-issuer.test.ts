import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { User } from '@malla/proto/malla/users/v1/user';
import { as } from '../support/client.ts';
import { rejectsWith } from '../support/expect.ts';
import { type ExternalIssuerFake, startIssuer } from '../support/issuer.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

const EMAIL = 'https://malla.test/email';
const VERIFIED = 'https://malla.test/email_verified';

describe('A token of an external issuer', () => {
  let issuer: ExternalIssuerFake;
  let service: TestService;
  before(async () => {
    issuer = await startIssuer();
    service = await startTestService({ externalIssuers: [issuer.config] });
  });
  after(async () => {
    await service.stop();
    await issuer.goAway();
  });

  it('creates a profile at the first sight of its subject, and finds it again', async () => {
    const sub = `auth0|${randomUUID()}`;
    const claims = { name: 'Ana', picture: 'https://example.com/ana.png' };
    const user = await profile(await issuer.token(sub, claims));
    assert.match(user.userId, /^usr_/);
    assert.equal(user.displayName, 'Ana');
    assert.equal(user.pictureUrl, 'https://example.com/ana.png');
    assert.equal(user.email, '');
    assert.deepEqual(await profile(await issuer.token(sub, { name: 'Another' })), user);
  });

  it('creates one profile when twenty first requests arrive at once', async () => {
    const sub = `auth0|${randomUUID()}`;
    const replica = await service.replica();
    const email = `${randomUUID()}@example.com`;
    const tokens = await Promise.all(
      Array.from({ length: 20 }, () => issuer.token(sub, { [EMAIL]: email, [VERIFIED]: true })),
    );
    const answers = await Promise.all(
      tokens.map((token, index) => (index % 2 ? replica : service.client).getProfile({}, as(token))),
    );
    assert.equal(new Set(answers.map(({ user }) => user?.userId)).size, 1);
    const [row] = await service.sql<{ n: number }>('SELECT COUNT(*) AS n FROM external_identities WHERE subject = ?', [
      sub,
    ]);
    assert.equal(Number(row?.n), 1);
    const [users] = await service.sql<{ n: number }>('SELECT COUNT(*) AS n FROM users WHERE email = ?', [email]);
    assert.equal(Number(users?.n), 1);
  });

  it('works where the policy demands a live session, and with a sid that is not one of ours', async () => {
    const token = await issuer.token(`auth0|${randomUUID()}`, { sid: 'not-ours' });
    const { sessions } = await service.client.listSessions({ pageSize: 0, pageToken: '' }, as(token));
    assert.deepEqual(sessions, []);
    const user = User.fromPartial({ displayName: 'Bea' });
    await service.client.updateProfile({ user, updateMask: [] }, as(token));
    await service.client.logout({ refreshToken: '' }, as(token));
    assert.equal((await profile(token)).displayName, 'Bea');
  });

  it('links to the account that has its verified address, and takes over one that nobody had verified', async () => {
    const { email, accessToken, refreshToken } = await registerSomebody(service.client);
    const local = await profile(accessToken);
    const token = await issuer.token(`auth0|${randomUUID()}`, { [EMAIL]: email.toUpperCase(), [VERIFIED]: true });
    const linked = await profile(token);
    assert.equal(linked.userId, local.userId);
    assert.equal(linked.emailVerified, true);
    const list = service.client.listSessions({ pageSize: 0, pageToken: '' }, as(accessToken));
    await rejectsWith(list, 'UNAUTHENTICATED', 'SESSION_REVOKED');
    await rejectsWith(service.client.refreshToken({ refreshToken }), 'UNAUTHENTICATED', 'REFRESH_TOKEN_INVALID');
    await rejectsWith(service.client.login({ email, password: PASSWORD }), 'UNAUTHENTICATED', 'CREDENTIALS_INVALID');
    const change = { currentPassword: PASSWORD, newPassword: 'a better horse battery' };
    await rejectsWith(service.client.changePassword(change, as(token)), 'FAILED_PRECONDITION', 'PASSWORD_NOT_SET');
  });

  it('leaves the password and the sessions of an account alone whose address was verified', async () => {
    const { email, accessToken, refreshToken } = await registerSomebody(service.client);
    await service.sql('UPDATE users SET email_verified = TRUE WHERE email = ?', [email]);
    const local = await profile(accessToken);
    const linked = await profile(await issuer.token(`auth0|${randomUUID()}`, { [EMAIL]: email, [VERIFIED]: true }));
    assert.equal(linked.userId, local.userId);
    await service.client.refreshToken({ refreshToken });
    await service.client.login({ email, password: PASSWORD });
  });

  it('links nothing by an address that the issuer does not call verified in the same breath', async () => {
    const { email, accessToken } = await registerSomebody(service.client);
    const local = await profile(accessToken);
    const unproven = [
      { [EMAIL]: email },
      { [EMAIL]: email, [VERIFIED]: false },
      { [EMAIL]: email, [VERIFIED]: 'true' },
      { [EMAIL]: email, email_verified: true },
      { email, [VERIFIED]: true },
    ];
    for (const claims of unproven) {
      const user = await profile(await issuer.token(`auth0|${randomUUID()}`, claims));
      assert.notEqual(user.userId, local.userId);
      assert.equal(user.email, '');
      assert.equal(user.emailVerified, false);
    }
  });

  it('does not reach an account by an address that only looks the same', async () => {
    const name = randomUUID();
    await service.client.registerUser({ email: `k${name}@example.com`, password: PASSWORD, displayName: 'Ana' });
    const kelvin = `\u212a${name}@example.com`;
    const user = await profile(await issuer.token(`auth0|${randomUUID()}`, { [EMAIL]: kelvin, [VERIFIED]: true }));
    assert.equal(user.email, '');
  });

  it('becomes the owner of an address that somebody registers at the same moment, whoever is first', async () => {
    const email = `${randomUUID()}@example.com`;
    const tokens = await Promise.all(
      Array.from({ length: 4 }, () => issuer.token(`auth0|${randomUUID()}`, { [EMAIL]: email, [VERIFIED]: true })),
    );
    const register = service.client
      .registerUser({ email, password: PASSWORD, displayName: 'Ana' })
      .catch((error: unknown) => error);
    const users = await Promise.all(tokens.map((token) => profile(token)));
    await register;
    assert.equal(new Set(users.map(({ userId }) => userId)).size, 1);
    assert.equal(users[0]?.email, email);
  });

  it('is refused when it belongs to a machine', async () => {
    const machine = await issuer.token('a-client-id@clients');
    await rejectsWith(service.client.getProfile({}, as(machine)), 'PERMISSION_DENIED', 'SUBJECT_NOT_A_USER');
    const granted = await issuer.token(`auth0|${randomUUID()}`, { gty: 'client-credentials' });
    await rejectsWith(service.client.getProfile({}, as(granted)), 'PERMISSION_DENIED', 'SUBJECT_NOT_A_USER');
  });

  it('is refused for another audience, from an issuer without its slash, or with another key', async () => {
    const sub = `auth0|${randomUUID()}`;
    const other = await startIssuer();
    const [header, , signature] = (await issuer.token(sub)).split('.');
    const [, payload] = (await issuer.token('auth0|another')).split('.');
    await refused(await other.token(sub), 'TOKEN_SIGNATURE_INVALID');
    await refused(`${header}.${payload}.${signature}`, 'TOKEN_SIGNATURE_INVALID');
    await refused(await issuer.token(sub, { nbf: Math.floor(Date.now() / 1000) + 60 }), 'TOKEN_NOT_YET_VALID');
    await other.goAway();
  });

  it('with claims that no profile can hold still gets a profile', async () => {
    const claims = {
      name: `${'👩‍🚀'.repeat(60)}\u0000\n`,
      picture: `https://example.com/${'x'.repeat(3_000)}`,
      [EMAIL]: `${'x'.repeat(300)}@example.com`,
      [VERIFIED]: true,
    };
    const user = await profile(await issuer.token(`auth0|${randomUUID()}`, claims));
    assert.equal([...user.displayName].length, 100);
    assert.equal(user.pictureUrl, '');
    assert.equal(user.email, '');
    const odd = await issuer.token(`auth0|${randomUUID()}`, { name: 7, picture: [], [EMAIL]: {}, [VERIFIED]: true });
    assert.equal((await profile(odd)).displayName, '');
  });

  it('with a subject longer than OpenID Connect allows is refused', async () => {
    await refused(await issuer.token('x'.repeat(256)), 'TOKEN_CLAIMS_INVALID');
  });

  async function profile(token: string) {
    const { user } = await service.client.getProfile({}, as(token));
    return user ?? assert.fail('no user');
  }

  async function refused(token: string, reason: string): Promise<void> {
    await rejectsWith(service.client.getProfile({}, as(token)), 'UNAUTHENTICATED', reason);
  }
});
