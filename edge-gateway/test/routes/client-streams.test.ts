import assert from 'node:assert/strict';
import { fromBinary, type JsonObject, toJson } from '@bufbuild/protobuf';
import { rpcOf } from '../support/contract.ts';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem, faultsOf } from '../support/problems.ts';
import type { ImportFake } from '../support/upstream.ts';

describe('client streams', () => {
  const received: Buffer[] = [];
  const takeAll: ImportFake = (messages, call, answer) => {
    call.on('data', (bytes: Buffer) => messages.push(bytes));
    call.on('end', () => answer({ count: messages.length }));
    call.on('end', () => received.splice(0, Infinity, ...messages));
  };
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({
      fakes: {
        imports: {
          'TranscodingService/ImportThings': takeAll,
          'TranscodingService/ImportLines': takeAll,
        },
      },
      env: { RATE_LIMIT_WRITE_PER_MINUTE: '999' },
    });
  });
  after(() => gateway.stop());

  const send = (payload: string | Buffer, type = 'application/x-ndjson') =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/things:import',
      headers: { 'content-type': type },
      payload,
    });
  const importLines = (url: string, payload: string) =>
    gateway.app.inject({ method: 'POST', url, headers: { 'content-type': 'application/x-ndjson' }, payload });
  const line = JSON.stringify({ part: { name: 'x', quantity: 1 } });

  it('take a message from each line', async () => {
    assert.deepEqual((await send(`${line}\n${line}\r\n\n \n${line}`)).json(), { count: 3 });
    assert.deepEqual((await send(`${line}\n`.repeat(5_000))).json(), { count: 5_000 });
    assert.deepEqual((await send('')).json(), { count: 0 });
  });

  it('name the line and all that is wrong with it', async () => {
    const problem = assertProblem(await send(`${line}\n{"part":{"nope":1}}\n${line}`), 400, 'MESSAGE_INVALID');
    assert.match(problem.detail, /^Line 2: /);
    assert.deepEqual(faultsOf(problem).sort(), ['[1].part.name REQUIRED', '[1].part.nope FIELD_UNKNOWN']);
    assertProblem(await send(`${line}\n{`), 400, 'JSON_MALFORMED');
    assertProblem(await send(`${line}\n"${'a'.repeat(1_100_000)}"`), 400, 'LINE_TOO_LONG');
  });

  it('put the fault of a line in its place where the contract has a field for it, and go on', async () => {
    const good = JSON.stringify({ part: { name: 'x', quantity: 1 }, count: 2 });
    const lines = [
      '\ufeff{}',
      good,
      JSON.stringify({ part: { nope: 1 }, count: 3 }),
      JSON.stringify({ part: { name: 'x' }, count: 99_999_999_999 }),
      '{',
      '5',
      JSON.stringify({ shop: 'b', count: 4 }),
      JSON.stringify({ rejectedLine: { line: 1 } }),
      `"${'a'.repeat(1_100_000)}"`,
      good,
    ];
    const { statusCode } = await importLines('/v1/testing/shops/a/lines:import', lines.join('\n'));
    assert.equal(statusCode, 200);
    const { method } = rpcOf('TranscodingService/ImportLines');
    const messages = received.map((bytes) => toJson(method.input, fromBinary(method.input, bytes)) as JsonObject);
    const told = messages.map(({ shop, count, part, rejectedLine }) => {
      const { line: number, reason } = (rejectedLine ?? {}) as JsonObject;
      return [shop, count, Boolean(part), number, reason];
    });
    assert.deepEqual(told, [
      ['a', undefined, false, '1', 'JSON_BYTE_ORDER_MARK'],
      ['a', 2, true, undefined, undefined],
      ['a', 3, false, '3', 'MESSAGE_INVALID'],
      ['a', undefined, true, '4', 'NUMBER_OUT_OF_RANGE'],
      ['a', undefined, false, '5', 'JSON_MALFORMED'],
      ['a', undefined, false, '6', 'TYPE_MISMATCH'],
      ['a', 4, false, '7', 'FIELD_CONTRADICTED'],
      ['a', undefined, false, '8', 'FIELD_UNKNOWN'],
      ['a', undefined, false, '9', 'LINE_TOO_LONG'],
      ['a', 2, true, undefined, undefined],
    ]);
    const message = String((messages[2]?.rejectedLine as JsonObject | undefined)?.message);
    assert.match(message, /part\.name is required/);
    const problem = assertProblem(await importLines('/v1/testing/shops/UP/lines:import', good), 400, 'MESSAGE_INVALID');
    assert.deepEqual(faultsOf(problem), ['[0].shop STRING_PATTERN']);
  });

  it('say in each message what the path says', async () => {
    const post = (url: string, payload: string) =>
      gateway.app.inject({ method: 'POST', url, headers: { 'content-type': 'application/x-ndjson' }, payload });
    assert.equal((await post('/v1/testing/shops/s%201/things:import', `${line}\n${line}`)).statusCode, 200);
    const { method } = rpcOf('TranscodingService/ImportThings');
    const shops = received.map((bytes) => (toJson(method.input, fromBinary(method.input, bytes)) as JsonObject).shop);
    assert.deepEqual(shops, ['s 1', 's 1']);
    const other = await post('/v1/testing/shops/a/things:import', JSON.stringify({ shop: 'b', part: { name: 'x' } }));
    assert.deepEqual(faultsOf(assertProblem(other, 400)), ['[0].shop FIELD_CONTRADICTED']);
    assertProblem(await post('/v1/testing/shops/a/things:import?shop=b', line), 400, 'QUERY_NOT_ALLOWED');
  });

  it('take nothing but NDJSON', async () => {
    const problem = assertProblem(await send(line, 'application/json'), 415, 'MEDIA_TYPE_UNSUPPORTED');
    assert.equal(problem.detail, 'The body must be application/x-ndjson.');
  });
});
