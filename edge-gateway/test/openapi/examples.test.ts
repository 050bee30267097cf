import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { DomainError } from '@malla/chassis/errors';
import { toStatus } from '@malla/chassis/status';
import { callOperation, type Documented, type Operation, startDocumented, validatorOf } from '../support/operations.ts';
import type { ImportFake, StreamFake } from '../support/upstream.ts';

const takeAll: ImportFake = (_messages, call, answer) => void call.resume().on('end', () => answer({}));
const breaks: StreamFake = (_request, call, write) => {
  write({ resumeToken: '1', text: 'a' });
  call.emit('error', toStatus(new DomainError('exhausted', 'TOO_MANY', 'Too many.')));
};

interface Media {
  readonly schema: JsonObject;
  readonly example?: JsonValue;
  readonly examples?: Readonly<Record<string, { readonly value: JsonValue }>>;
}

describe('the examples, headers and streams of the OpenAPI document', () => {
  let { gateway, document, operations }: Documented = {} as Documented;
  before(async () => {
    ({ gateway, document, operations } = await startDocumented({
      imports: { 'ImportsService/ImportProducts': takeAll, 'TranscodingService/ImportThings': takeAll },
      streams: { 'TranscodingService/WatchThings': breaks },
    }));
  });
  after(() => gateway.stop());

  it('have a body for every operation that takes JSON, and the gateway takes them all', async () => {
    let taken = 0;
    for (const operation of operations) {
      const [[type = '', media] = []] = Object.entries(operation.requestBody?.content ?? {}) as [string, Media][];
      if (type !== '*/*' && type !== '') assert.notEqual(media?.example, undefined, operation.operationId);
      const answer = await callExample(operation, type, media?.example);
      const refused = answer.statusCode === 400 && !isFailOf(operation);
      if (type === '*/*') continue;
      assert.ok(!refused, `${operation.operationId} ${JSON.stringify(media?.example)} ${answer.body}`);
      taken += 1;
    }
    assert.ok(taken > 100, `${taken}`);
  });

  it('say of a body that it is required where the gateway refuses requests without one', async () => {
    const required = new Set<boolean>();
    for (const operation of operations) {
      if (!operation.requestBody || isFailOf(operation)) continue;
      const { statusCode, body } = await callExample(operation, '', undefined);
      const says = operation.requestBody.required;
      required.add(says === true);
      const absent = statusCode === 400 || statusCode === 428;
      assert.equal(absent && statusCode === 400, says, `${operation.operationId} ${statusCode} ${body}`);
    }
    assert.equal(required.size, 2);
  });

  it('obey the schemas that they stand by', () => {
    let seen = 0;
    for (const { operationId, requestBody, responses } of operations) {
      const answers = (responses['200']?.content ?? {}) as unknown as Record<string, Media>;
      for (const [type, { schema, example, examples = {} }] of [
        ...Object.entries((requestBody?.content ?? {}) as Record<string, Media>),
        ...Object.entries(answers),
      ]) {
        const values = [
          ...(example === undefined ? [] : [example]),
          ...Object.values(examples).map(({ value }) => value),
        ];
        const accepts = validatorOf(document, schema);
        for (const value of values.flatMap((each) => partsOf(type, each))) {
          assert.ok(
            accepts(value),
            `${operationId} ${type} ${JSON.stringify(value)} ${JSON.stringify(accepts.errors?.[0])}`,
          );
          seen += 1;
        }
      }
    }
    assert.ok(seen > 150, `${seen}`);
  });

  it('describe what a stream that breaks consists of', async () => {
    const watch = operations.find(({ operationId }) => operationId === 'TranscodingService_WatchThings');
    const content = watch?.responses['200']?.content as unknown as Record<string, Media>;
    for (const [type, { schema }] of Object.entries(content)) {
      const answer = await gateway.app.inject({ url: '/v1/testing/things:watch', headers: { accept: type } });
      const parts = partsOf(type, type === 'application/json' ? answer.json() : answer.body);
      assert.match(answer.body, /TOO_MANY/);
      for (const part of parts) assert.ok(validatorOf(document, schema)(part), `${type} ${JSON.stringify(part)}`);
    }
  });

  it('name every header of an answer', async () => {
    const { headers = {}, responses = {} } = document.components as unknown as Record<
      string,
      Record<string, JsonObject>
    >;
    const names = Object.keys(headers);
    const seen = new Set<string>();
    for (const operation of operations) {
      const [[type = '', media] = []] = Object.entries(operation.requestBody?.content ?? {}) as [string, Media][];
      const answer = await callExample(operation, type, media?.example);
      const told = operation.responses[answer.statusCode] as { $ref?: string; headers?: JsonObject } | undefined;
      if (!told) continue;
      const { headers: documented = {} } = told.$ref ? (responses[told.$ref.split('/').at(-1) ?? ''] ?? {}) : told;
      const always =
        answer.statusCode === 200 ? [] : ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'Cache-Control'];
      for (const name of names.filter((each) => answer.headers[each.toLowerCase()] !== undefined)) {
        seen.add(name);
        assert.ok(
          always.includes(name) || name in (documented as JsonObject),
          `${operation.operationId} ${answer.statusCode} ${name}`,
        );
      }
    }
    for (const name of ['ETag', 'Age', 'Cache-Control', 'RateLimit-Limit', 'X-Request-Id'])
      assert.ok(seen.has(name), name);
    assert.ok('Retry-After' in Object(responses.TooManyRequests?.headers));
    assert.ok('WWW-Authenticate' in Object(responses.Unauthorized?.headers));
  });

  it('tell of 304 where there is an entity tag to ask with', async () => {
    const tagged = operations.filter(({ responses }) => responses['304']);
    assert.ok(tagged.length > 3);
    for (const { parameters, method } of tagged) {
      assert.equal(method, 'GET');
      assert.ok(parameters.some(({ name }) => name === 'If-None-Match'));
    }
    const headers = { 'if-none-match': '"v-a"' };
    assert.equal((await gateway.app.inject({ url: '/v1/testing/things/a', headers })).statusCode, 304);
  });

  /** Calls an operation with the examples of its parameters and, with a type, of its body. */
  function callExample(operation: Operation, type: string, example: JsonValue | undefined) {
    const parameters = operation.parameters.filter(({ required }) => required);
    const sample = parameters.map(({ in: place, name, example: given }) => [`${place} ${name}`, given ?? 'example']);
    return callOperation(
      gateway,
      operation,
      Object.fromEntries(sample),
      example === undefined ? undefined : { type, example },
    );
  }

  function isFailOf({ operationId }: Operation): boolean {
    return operationId === 'TranscodingService_Fail';
  }

  /** The JSON values of an answer or example of a media type, each of which the schema is for. */
  function partsOf(type: string, value: JsonValue): JsonValue[] {
    if (type === 'application/x-ndjson') return lines(String(value)).map((line) => JSON.parse(line));
    if (type !== 'text/event-stream') return [value];
    return lines(String(value)).flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []));
  }

  function lines(text: string): string[] {
    return text.split('\n').filter(Boolean);
  }
});
