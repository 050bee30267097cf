import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { isServiceError } from '@malla/chassis/status';
import { User } from '@malla/proto/malla/users/v1/user';
import { as, fromElsewhere } from '../support/client.ts';
import { type ExternalIssuerFake, startIssuer } from '../support/issuer.ts';
import { PASSWORD, registerSomebody, startTestService, type TestService } from '../support/service.ts';

const REFUSALS: ReadonlySet<status> = new Set([
  status.UNAUTHENTICATED,
  status.ABORTED,
  status.ALREADY_EXISTS,
  status.INVALID_ARGUMENT,
  status.FAILED_PRECONDITION,
  status.RESOURCE_EXHAUSTED,
]);

describe('Everything at once on one account', () => {
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

  it('ends in answers and refusals, never in a failure of the service', async () => {
    const clients = [service.client, await service.replica()];
    for (let round = 0; round < 4; round += 1) {
      const works = await everything();
      const calls = works.flatMap((work, index) => clients.map((client, at) => work(client, `${index} ${at}`)));
      for (const outcome of await Promise.allSettled(calls)) {
        if (outcome.status === 'fulfilled') continue;
        assert.ok(isServiceError(outcome.reason), String(outcome.reason));
        assert.ok(REFUSALS.has(outcome.reason.code), outcome.reason.message);
      }
    }
  });

  type Work = (client: TestService['client'], name: string) => Promise<unknown>;

  async function everything(): Promise<Work[]> {
    const { email, accessToken, refreshToken } = await registerSomebody(service.client);
    const other = await service.client.login({ email, password: PASSWORD });
    const claims = { 'https://malla.test/email': email, 'https://malla.test/email_verified': true };
    const externals = await Promise.all(Array.from({ length: 4 }, () => issuer.token(`auth0|${randomUUID()}`, claims)));
    const works: Work[] = [
      (client) => client.login({ email, password: PASSWORD }, fromElsewhere()),
      (client) => client.refreshToken({ refreshToken }),
      (client) => client.refreshToken({ refreshToken: other.refreshToken }),
      (client) => client.logout({ refreshToken: other.refreshToken }, as(accessToken)),
      (client, displayName) =>
        client.updateProfile({ user: User.fromPartial({ displayName }), updateMask: [] }, as(accessToken)),
      (client, newPassword) =>
        client.changePassword({ currentPassword: PASSWORD, newPassword: `password ${newPassword}` }, as(accessToken)),
      (client) => client.registerUser({ email, password: PASSWORD, displayName: 'Ana' }),
      (client) => client.listSessions({ pageSize: 0, pageToken: '' }, as(accessToken)),
      ...externals.map(
        (token): Work =>
          (client) =>
            client.getProfile({}, as(token)),
      ),
    ];
    return [...works, ...works, ...works];
  }
});
