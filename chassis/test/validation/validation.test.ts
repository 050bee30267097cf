import assert from 'node:assert/strict';
import { EchoRequest, EchoTreeRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { CheckSumsRequest } from '@malla/proto/malla/testing/v1/rules_service';
import { testingContract } from '@malla/proto/testing';
import { callUnary } from '../../src/client/channel.ts';
import type { DomainError } from '../../src/lib/errors.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { createMessageValidator } from '../../src/validation/validation.ts';
import { afterThisTest } from '../support/cleanup.ts';
import { connect, rpcOf, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';
import { callRaw, connectRaw, frame } from '../support/raw-client.ts';

const PATH = rpcOf('Echo').path;

describe('createMessageValidator', () => {
  it('refuses a message with whose values a rule cannot be evaluated', () => {
    const contract = testingContract();
    const type = contract.registry.getMessage('malla.testing.v1.CheckSumsRequest');
    assert.ok(type);
    const validate = createMessageValidator(contract);
    const most = 2n ** 63n - 1n;
    const bytes = CheckSumsRequest.encode(CheckSumsRequest.fromPartial({ a: most, b: most })).finish();
    assert.throws(
      () => validate(type, bytes),
      ({ kind, reason, details }: DomainError) => {
        assert.deepEqual([kind, reason], ['invalid', 'MESSAGE_INVALID']);
        return details.fields?.[0]?.reason === 'RULE_NOT_EVALUABLE';
      },
    );
  });
});

describe('requests', () => {
  const malformed: Record<string, string> = {
    'a tag without a value': '0a',
    'a length beyond the end': '0aff01',
    'a varint that never ends': `10${'ff'.repeat(12)}`,
    'the wire type 7': '0f',
    'the field number 0': '0200',
    'an end of a group that never began': '0c',
    'text that is not UTF-8': '0a02c328',
  };
  for (const [name, hex] of Object.entries(malformed)) {
    it(`answers INVALID_ARGUMENT to ${name}`, async () => {
      const { port, calls } = await startEcho();
      const { channel } = await connect(port);
      const failure = await failureOf(callUnary(channel, rpcOf('Echo'), Buffer.from(hex, 'hex')));
      assert.equal(failure.code, 'INVALID_ARGUMENT');
      assert.equal(failure.reason, 'MESSAGE_MALFORMED');
      assert.equal(calls()[0]?.level, 'info');
    });
  }

  it('passes over fields that it does not know, as clients newer than itself send', async () => {
    const { port } = await startEcho();
    const { channel } = await connect(port);
    const known = Buffer.from(EchoRequest.encode({ text: 'a', number: 1n }).finish());
    const { bytes } = await callUnary(channel, rpcOf('Echo'), Buffer.concat([known, Buffer.from('7a0178', 'hex')]));
    assert.ok(bytes.includes('a'));
  });

  it('answers INVALID_ARGUMENT to a card number, naming where it is and not what it is', async () => {
    const { port, lines } = await startEcho();
    const { client } = await connect(port);
    const failure = await failureOf(client.echo({ text: 'my 4242 4242 4242 4242', number: 1n }));
    assert.deepEqual([failure.code, failure.reason], ['INVALID_ARGUMENT', 'CARD_NUMBER_REFUSED']);
    assert.deepEqual(
      failure.fields.map(({ field }) => field),
      ['text'],
    );
    assert.ok(!/(?:4242\W{0,2}){2}/.test(JSON.stringify([failure, lines])));
  });

  it('answers INVALID_ARGUMENT naming every field that breaks a rule, before the handler runs', async () => {
    let handled = false;
    const { port } = await startEcho({
      echo: async (request) => {
        handled = true;
        return { ...request, caller: '' };
      },
    });
    const { client } = await connect(port);
    const failure = await failureOf(client.echo({ text: '', number: 101n }));
    assert.equal(failure.code, 'INVALID_ARGUMENT');
    assert.equal(failure.reason, 'MESSAGE_INVALID');
    assert.deepEqual(
      failure.fields.map(({ field, reason }) => [field, reason]),
      [
        ['text', 'STRING_MIN_LEN'],
        ['number', 'INT64_LTE'],
      ],
    );
    assert.equal(handled, false);
  });

  it('answers INVALID_ARGUMENT when more rules are broken than trailers can tell', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port);
    const texts = Array.from({ length: 5_000 }, () => 'x'.repeat(9));
    const failure = await failureOf(client.echoTree({ texts, child: undefined, word: '' }));
    assert.equal(failure.code, 'INVALID_ARGUMENT');
    assert.equal(failure.fields[0]?.field, 'texts[0]');
  });

  it('matches patterns in linear time', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port);
    const began = performance.now();
    const failure = await failureOf(client.echoTree({ texts: [], child: undefined, word: `${'a'.repeat(28)}!` }));
    assert.equal(failure.fields[0]?.reason, 'STRING_PATTERN');
    const ms = performance.now() - began;
    assert.ok(ms < 500, `${ms} ms`);
  });

  it('answers INVALID_ARGUMENT to a message nested deeper than the stack, and goes on', async () => {
    const { port, calls } = await startEcho();
    const { channel, client } = await connect(port);
    for (const depth of [500, 5_000, 50_000]) {
      const failed = await callUnary(channel, rpcOf('EchoTree'), nested(depth)).then(
        () => undefined,
        ({ code }) => code,
      );
      assert.ok([undefined, 3].includes(failed), `${depth} deep: ${failed} ${JSON.stringify(calls().at(-1))}`);
    }
    assert.equal((await client.echo({ text: 'a', number: 1n })).text, 'a');
  });

  it('answers RESOURCE_EXHAUSTED to a message larger than 4 MiB, and goes on', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port);
    const request = { texts: ['x'.repeat(4 * 1024 * 1024)], child: undefined, word: '' };
    assert.equal((await failureOf(client.echoTree(request))).code, 'RESOURCE_EXHAUSTED');
    assert.equal((await client.echo({ text: 'a', number: 1n })).text, 'a');
  });

  it('answers UNIMPLEMENTED to a method that it does not serve', async () => {
    const { port } = await startEcho();
    const { channel } = await connect(port);
    const rpc = { ...rpcOf('Echo'), path: '/malla.testing.v1.EchoService/Nothing' };
    assert.equal((await failureOf(callUnary(channel, rpc, Buffer.alloc(0)))).code, 'UNIMPLEMENTED');
  });

  const hostile: [string, Buffer, Record<string, string | string[]>][] = [
    ['no message', Buffer.alloc(0), {}],
    ['half a frame', Buffer.from('00000000', 'hex'), {}],
    ['a frame that claims 4 GiB', Buffer.from('00ffffffff0a', 'hex'), {}],
    ['two messages', Buffer.concat([frame(Buffer.from('0a0161', 'hex')), frame(Buffer.from('0a0161', 'hex'))]), {}],
    ['a compressed frame that is not', Buffer.from('01000000030a0161', 'hex'), { 'grpc-encoding': 'gzip' }],
    ['an unknown encoding', Buffer.from('01000000030a0161', 'hex'), { 'grpc-encoding': 'br' }],
    ['a bad timeout', frame(Buffer.from('0a0161', 'hex')), { 'grpc-timeout': 'soon' }],
    ['a timeout of 11,000 years', frame(Buffer.from('0a0161', 'hex')), { 'grpc-timeout': '99999999H' }],
    ['a timeout of nothing', frame(Buffer.from('0a0161', 'hex')), { 'grpc-timeout': '0n' }],
    ['metadata beyond ASCII', frame(Buffer.from('0a0161', 'hex')), { authorization: 'Bearer s\u00e9cret' }],
    ['metadata of 40 kB', frame(Buffer.from('0a0161', 'hex')), { 'x-request-id': 'x'.repeat(40_000) }],
    ['binary metadata that is not base64', frame(Buffer.from('0a0161', 'hex')), { 'x-bin': '%%%' }],
    ['another media type', frame(Buffer.from('0a0161', 'hex')), { 'content-type': 'text/html' }],
  ];
  for (const [name, body, headers] of hostile) {
    it(`survives ${name}, and prints nothing of it`, async () => {
      const { port, lines } = await startEcho();
      const session = connectRaw(port, await (await mesh).issue('developer'));
      const printed: unknown[] = [];
      const { error } = console;
      afterThisTest(() => {
        console.error = error;
      });
      console.error = (...line: unknown[]) => printed.push(line);
      const answer = await callRaw(session, PATH, body, headers);
      assert.ok(answer[':status'] !== undefined || answer.error !== undefined, JSON.stringify(answer));
      const { client } = await connect(port);
      assert.equal((await client.echo({ text: 'a', number: 1n })).text, 'a');
      assert.deepEqual(printed, []);
      assert.ok(!lines.join('').includes('secret') && !lines.join('').includes('s\u00e9cret'));
      assert.ok(lines.every((line) => line.length < 2_000));
    });
  }
});

/** A tree of one branch, made from its leaf. */
function nested(depth: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let level = 0; level < depth; level += 1) {
    const head = Buffer.from(
      EchoTreeRequest.encode({ texts: [], child: undefined, word: '' }).uint32(18).uint32(length).finish(),
    );
    parts.unshift(head);
    length += head.length;
  }
  return Buffer.concat(parts);
}
