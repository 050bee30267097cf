import assert from 'node:assert/strict';
import { Metadata, status } from '@grpc/grpc-js';
import { EchoServiceService, type EchoUserRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { callUnary } from '../../src/client/channel.ts';
import {
  type IdempotencyRecord,
  type IdempotencyStore,
  type IdempotentHandler,
  idempotent,
} from '../../src/idempotency/idempotency.ts';
import { DomainError } from '../../src/lib/errors.ts';
import { isServiceError, readStatus } from '../../src/lib/status.ts';
import { connect, issuer, rpcOf, startEcho } from '../support/echo.ts';
import { claims, USER_ID } from '../support/tokens.ts';

type Handler = IdempotentHandler<EchoUserRequest, { text: string; caller: string }>;
const LEASE_MS = 1_000;

describe('idempotent', () => {
  it('has the effect once and answers the same again, saying so', async () => {
    const { send, effects } = await start();
    const [first, second] = [await send('a', { key: 'k' }), await send('a', { key: 'k' })];
    assert.deepEqual([first.text, second.text], ['a 1', 'a 1']);
    assert.deepEqual([first.replayed, second.replayed], [undefined, 'true']);
    assert.equal(effects.length, 1);
  });

  it('tells keys of another user, and calls without a key, apart', async () => {
    const { send, effects } = await start();
    await send('a', { key: 'k' });
    await send('a', { key: 'k', user: USER_ID.replace(/q$/, 'r') });
    await send('a', {});
    assert.equal(effects.length, 3);
  });

  it('answers IDEMPOTENCY_KEY_REUSED when the request is another', async () => {
    const { send } = await start();
    await send('a', { key: 'k' });
    await refused(send('b', { key: 'k' }), status.INVALID_ARGUMENT, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('answers IDEMPOTENCY_KEY_IN_USE while the first still runs, and lets a later one resume what died', async () => {
    let dies = true;
    const begun: string[] = [];
    const { send, clock } = await start(async ({ text }, _call, once) => {
      begun.push(await once.begin(`subject ${begun.length}`));
      if (dies) throw new Error('died');
      const response = { text, caller: '' };
      await once.finish(response);
      return response;
    });
    await refused(send('a', { key: 'k' }), status.INTERNAL, undefined);
    await refused(send('a', { key: 'k' }), status.ABORTED, 'IDEMPOTENCY_KEY_IN_USE');
    dies = false;
    clock.time += LEASE_MS;
    assert.equal((await send('a', { key: 'k' })).text, 'a');
    assert.deepEqual(begun, ['subject 0', 'subject 0']);
  });

  it('leaves a stalled request neither its answer nor its effect once another has its key', async () => {
    const store = memoryStore();
    const [stalled, resume] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = await start(async ({ text }, _call, once) => {
      await once.begin('subject');
      stalled.resolve();
      await resume.promise;
      await once.finish({ text: `${text} late`, caller: '' });
      return { text: `${text} late`, caller: '' };
    }, store);
    const second = await start(undefined, store);
    const late = refused(first.send('a', { key: 'k' }), status.ABORTED, 'IDEMPOTENCY_KEY_IN_USE');
    await stalled.promise;
    second.clock.time += LEASE_MS;
    const { text } = await second.send('a', { key: 'k' });
    resume.resolve();
    await late;
    assert.equal((await second.send('a', { key: 'k' })).text, text);
  });

  for (const errno of [1205, 1213, 3572]) {
    it(`answers IDEMPOTENCY_KEY_IN_USE when the record is locked (${errno})`, async () => {
      const locked = () => Promise.reject(Object.assign(new Error('locked'), { errno }));
      for (const method of ['find', 'add'] as const) {
        const { send } = await start(undefined, { ...memoryStore(), [method]: locked });
        await refused(send('a', { key: 'k' }), status.ABORTED, 'IDEMPOTENCY_KEY_IN_USE');
      }
    });
  }

  it('answers IDEMPOTENCY_KEY_IN_USE to all but one of a hundred at once', async () => {
    const { send, effects } = await start();
    const sent = Array.from({ length: 100 }, () => send('a', { key: 'k' }));
    const answers = (await Promise.allSettled(sent)).map((one) =>
      one.status === 'fulfilled' ? one.value.text : 'in use',
    );
    assert.deepEqual(new Set(answers.filter((answer) => answer !== 'in use')), new Set(['a 1']));
    assert.equal(effects.length, 1);
  });

  it('answers IDEMPOTENCY_KEY_IN_USE on another replica before the first has begun, and not once it was refused', async () => {
    const store = memoryStore();
    const refuse = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const first = await start(async () => {
      arrived.resolve();
      await refuse.promise;
      throw new DomainError('precondition', 'NOT_NOW', 'Not now.');
    }, store);
    const second = await start(undefined, store);
    const refusal = refused(first.send('a', { key: 'k' }), status.FAILED_PRECONDITION, 'NOT_NOW');
    await arrived.promise;
    await refused(second.send('a', { key: 'k' }), status.ABORTED, 'IDEMPOTENCY_KEY_IN_USE');
    refuse.resolve();
    await refusal;
    assert.equal((await second.send('a', { key: 'k' })).text, 'a 1');
  });

  it('lets nobody begin whose key somebody else has by now, nor give that key back', async () => {
    const store = memoryStore();
    const goOn = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const slow = await start(async ({ text }, _call, once) => {
      arrived.resolve();
      await goOn.promise;
      await once.begin('slow');
      return { text, caller: '' };
    }, store);
    const fast = await start(undefined, store);
    const late = refused(slow.send('a', { key: 'k' }), status.ABORTED, 'IDEMPOTENCY_KEY_IN_USE');
    await arrived.promise;
    fast.clock.time += LEASE_MS + 1;
    assert.equal((await fast.send('a', { key: 'k' })).text, 'a 1');
    goOn.resolve();
    await late;
    assert.equal((await fast.send('a', { key: 'k' })).replayed, 'true');
  });

  it('answers IDEMPOTENCY_KEY_INVALID for one that is too long', async () => {
    const { send } = await start();
    await refused(send('a', { key: 'x'.repeat(256) }), status.INVALID_ARGUMENT, 'IDEMPOTENCY_KEY_INVALID');
  });

  it('lets what the handler refuses through', async () => {
    const { send } = await start(async () => {
      throw new DomainError('precondition', 'NOT_NOW', 'Not now.');
    });
    await refused(send('a', { key: 'k' }), status.FAILED_PRECONDITION, 'NOT_NOW');
  });
});

async function start(handler?: Handler, store = memoryStore()) {
  const effects: string[] = [];
  const clock = { time: Date.now(), now: () => new Date(clock.time) };
  const echo: Handler = async ({ text }, call, once) => {
    await once.begin('subject');
    effects.push(text);
    const response = { text: `${text} ${effects.length}`, caller: call.user?.userId ?? '' };
    await once.finish(response);
    return response;
  };
  const options = { store, clock, leaseMs: LEASE_MS };
  const echoUser = idempotent(EchoServiceService.echoUser, options, handler ?? echo);
  const { channel } = await connect((await startEcho({ echoUser })).port);
  const send = async (text: string, { key, user = USER_ID }: { key?: string; user?: string }) => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${await (await issuer).sign(claims({ sub: user }))}`);
    if (key !== undefined) metadata.set('idempotency-key', key);
    const request = EchoServiceService.echoUser.requestSerialize({ text });
    const answer = await callUnary(channel, rpcOf('EchoUser'), request, { metadata });
    const { text: said } = EchoServiceService.echoUser.responseDeserialize(answer.bytes);
    return { text: said, replayed: answer.metadata.get('idempotent-replayed')[0] };
  };
  return { send, effects, clock };
}

function memoryStore(): IdempotencyStore {
  const records = new Map<string, IdempotencyRecord>();
  const change = async (id: Buffer, changes: Partial<IdempotencyRecord>) => {
    const record = records.get(id.toString('hex'));
    if (record) records.set(id.toString('hex'), { ...record, ...changes });
  };
  return {
    add: async (record) => {
      const name = record.id.toString('hex');
      if (records.has(name)) return false;
      records.set(name, record);
      return true;
    },
    find: async (id) => records.get(id.toString('hex')),
    takeOver: async (known, claimId, leaseTime) => {
      const record = records.get(known.id.toString('hex'));
      if (!record?.claimId.equals(known.claimId) || record.response) return false;
      await change(known.id, { claimId, leaseTime });
      return true;
    },
    begin: async (id, claimId, subject) => {
      const record = records.get(id.toString('hex'));
      if (!record?.claimId.equals(claimId)) return undefined;
      await change(id, { subject: record.subject || subject });
      return record.subject || subject;
    },
    finish: async (id, response, claimId) => {
      const isOurs = records.get(id.toString('hex'))?.claimId.equals(claimId) ?? false;
      if (isOurs) await change(id, { response });
      return isOurs;
    },
    release: async (id, claimId) => {
      const record = records.get(id.toString('hex'));
      if (record?.claimId.equals(claimId) && record.subject === '') records.delete(id.toString('hex'));
    },
  };
}

async function refused(call: Promise<unknown>, code: status, reason: string | undefined): Promise<void> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isServiceError(error), String(error));
  const told = readStatus(error);
  assert.deepEqual([told.code, told.reason], [code, reason]);
}
