import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { callUnary } from '@malla/chassis/channel';
import { isServiceError } from '@malla/chassis/status';
import { mallaContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import { as } from '../support/clients.ts';
import { rejectsWith } from '../support/expect.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { newUserId } from '../support/users.ts';

/** Every RPC of this service that changes something on behalf of a user. */
const CHANGES = [...mallaContract().rpcs.values()].filter(
  ({ service, readOnly, policy }) => service.startsWith('malla.stores.') && policy.access === Access.USER && !readOnly,
);

describe('an RPC that changes something for a user', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  for (const rpc of CHANGES) {
    it(`${rpc.method.name} refuses a token whose session has ended, before anything else`, async () => {
      const { sessionId, token } = await service.users.session(newUserId());
      service.users.endSession(sessionId);
      const call = callUnary(service.edge.channel, rpc, new Uint8Array(), as(token));
      await rejectsWith(call, 'UNAUTHENTICATED', 'SESSION_REVOKED');
    });
  }

  it('answers UNAVAILABLE while svc-users is away, and does nothing', async () => {
    const token = await service.users.token();
    // The keys are known by now: what is missing is the word of the session.
    await service.edge.staff.listMyStores({ pageSize: 0, pageToken: '' }, as(token));
    await service.users.stop();
    for (const rpc of CHANGES.slice(0, 3)) {
      const outcome = await callUnary(service.edge.channel, rpc, new Uint8Array(), as(token)).catch((error) => error);
      assert.ok(isServiceError(outcome));
      assert.equal(status[outcome.code], 'UNAVAILABLE');
    }
  });
});
