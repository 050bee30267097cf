import assert from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { PolicySchema, RateClass } from '@malla/proto/malla/options/v1/policy.pb';
import { rateClassOf } from '../../src/admission/rate-limit.ts';
import { rpcOf } from '../support/contract.ts';
import { createTestGateway, gatewayForThisTest, type TestGateway } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';
import { claims } from '../support/tokens.ts';

describe('rate limits', () => {
  let gateway: TestGateway;
  beforeEach(async () => {
    gateway = await createTestGateway({
      env: {
        RATE_LIMIT_READ_PER_MINUTE: '3',
        RATE_LIMIT_WRITE_PER_MINUTE: '2',
        RATE_LIMIT_CREDENTIAL_PER_MINUTE: '1',
        TRUST_PROXY: '127.0.0.1',
      },
    });
  });
  afterEach(() => gateway.stop());

  const read = (address: string) =>
    gateway.app.inject({ url: '/v1/testing/echo/a', headers: { 'x-forwarded-for': address } });

  it('count by class and address, and tell what is left', async () => {
    for (const left of ['2', '1', '0']) {
      const { statusCode, headers } = await read('192.0.2.1');
      assert.equal(statusCode, 200);
      assert.deepEqual([headers['ratelimit-limit'], headers['ratelimit-remaining']], ['3', left]);
    }
    const answer = await read('192.0.2.1');
    assertProblem(answer, 429, 'RATE_LIMIT_EXCEEDED');
    assert.equal(answer.headers['ratelimit-remaining'], '0');
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    assert.ok(Number(answer.headers['ratelimit-reset']) >= 1);
    assert.equal((await read('192.0.2.2')).statusCode, 200);
    const write = { method: 'POST', url: '/v1/testing/things', payload: {} } as const;
    assert.equal((await gateway.app.inject({ ...write, headers: { 'x-forwarded-for': '192.0.2.1' } })).statusCode, 200);
  });

  it('count a whole /64 of IPv6 as one client', async () => {
    for (const host of ['1', '2', 'ffff:1', 'a:b:c:d'])
      await read(`2001:db8:0:1:${host.includes(':') ? '' : ':'}${host}`);
    assert.equal((await read('2001:db8:0:1::99')).statusCode, 429);
    assert.equal((await read('2001:db8:0:2::1')).statusCode, 200);
  });

  it('count an address as one client however a proxy writes it', async () => {
    for (const form of ['192.0.2.1:4711', '192.0.2.1:4712', '[::ffff:192.0.2.1]:4713']) await read(form);
    assert.equal((await read('192.0.2.1')).statusCode, 429);
    for (const form of ['[2001:db8::1]:4711', '[2001:db8::2]', '2001:DB8:0:0::3']) await read(form);
    assert.equal((await read('2001:db8::4')).statusCode, 429);
    assert.deepEqual(gateway.testing.calls.at(-1)?.metadata.get('x-origin-address'), ['2001:db8::/64']);
    assert.match(gateway.lines.at(-1) ?? '', /"client":"2001:db8::\/64"/);
  });

  it('count the client before the last proxy that is trusted', async () => {
    for (const chain of ['203.0.113.1, 192.0.2.1', '203.0.113.2,192.0.2.1:80', 'junk, 192.0.2.1']) await read(chain);
    assert.equal((await read('203.0.113.9, 192.0.2.1, 127.0.0.1')).statusCode, 429);
  });

  it('count who proved to be a user by the user, wherever from', async () => {
    const write = async (sub: string, address: string) => {
      const authorization = `Bearer ${await gateway.issuer.sign(claims({ sub }))}`;
      const headers = { authorization, 'x-forwarded-for': address };
      const answer = await gateway.app.inject({
        method: 'POST',
        url: '/v1/testing/echo:user',
        payload: { text: 'a' },
        headers,
      });
      return answer.statusCode;
    };
    assert.equal(await write('usr_1', '192.0.2.1'), 200);
    assert.equal(await write('usr_1', '192.0.2.2'), 200);
    assert.equal(await write('usr_1', '192.0.2.3'), 429);
    assert.equal(await write('usr_2', '192.0.2.1'), 200);
  });

  it('count who brings a bad token by address', async () => {
    const guess = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await gateway.app.inject({ method: 'POST', url: '/v1/testing/echo:user', payload: {}, headers }))
        .statusCode;
    };
    assert.deepEqual([await guess('a.b.c'), await guess('d.e.f'), await guess('g.h.i')], [401, 401, 429]);
  });

  it('count who tries secrets by address as well', async () => {
    const change = async (sub: string) => {
      const authorization = `Bearer ${await gateway.issuer.sign(claims({ sub }))}`;
      const payload = { currentPassword: 'a', newPassword: 'b'.repeat(8) };
      const request = {
        method: 'POST',
        url: '/v1/users/me:changePassword',
        payload,
        headers: { authorization },
      } as const;
      return (await gateway.app.inject(request)).statusCode;
    };
    // The fake of svc-users does not know the method: it answers 501.
    assert.deepEqual([await change('usr_1'), await change('usr_2')], [501, 429]);
  });

  it('believe nobody but the proxies that are trusted', async () => {
    const open = await gatewayForThisTest({ env: { RATE_LIMIT_READ_PER_MINUTE: '1' } });
    const ask = (address: string) =>
      open.app.inject({ url: '/v1/testing/echo/a', headers: { 'x-forwarded-for': address } });
    assert.deepEqual([(await ask('192.0.2.1')).statusCode, (await ask('192.0.2.2')).statusCode], [200, 429]);
  });

  it('follow from the policy, else from the idempotency level', () => {
    assert.equal(rateClassOf(rpcOf('EchoService/Echo')), RateClass.READ);
    assert.equal(rateClassOf(rpcOf('EchoService/EchoUser')), RateClass.WRITE);
    assert.equal(rateClassOf(rpcOf('UsersService/Login')), RateClass.CREDENTIAL);
    const policy = create(PolicySchema, { rateClass: RateClass.WRITE });
    assert.equal(rateClassOf({ ...rpcOf('EchoService/Echo'), policy }), RateClass.WRITE);
  });
});
