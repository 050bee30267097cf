import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import fc from 'fast-check';
import {
  callOperation,
  type Documented,
  type Operation,
  sampleSchema,
  startDocumented,
  validatorOf,
} from '../support/operations.ts';
import { assertProblem } from '../support/problems.ts';
import { sampleOf } from '../support/samples.ts';
import { spoil } from '../support/spoil.ts';

/** Rules that a document of schemas tells by a format or in its descriptions: a JSON Schema has no words for them. */
const TOLD_IN_WORDS =
  /^(STRING_URI|STRING_MAX_BYTES|FIELD_CONTRADICTED|THING_FROM_TO|RULES_FROM_TO|FLOAT_|ANY_IN|RULE_NOT_EVALUABLE|SUMS_|VALUE_INVALID)/;

const SHAPE = new Set(['type', 'additionalProperties', 'required', 'enum', 'format']);
/** What is called to fail, in every way. */
const FAILS_ON_PURPOSE = 'TranscodingService_Fail';

describe('what the OpenAPI document says of requests and answers', () => {
  let { gateway, document, operations }: Documented = {} as Documented;
  before(async () => {
    ({ gateway, document, operations } = await startDocumented());
  });
  after(() => gateway.stop());

  it('is what the gateway does, for valid and invalid input of every operation', async () => {
    for (const operation of operations) {
      const valid = fc.sample(fc.noBias(sampleOf(document, sampleSchema(operation))), { numRuns: 3, seed: 7 });
      const answers = jsonAnswerOf(operation);
      for (const sample of valid as JsonObject[]) {
        const answer = await call(operation, sample);
        if (answer.statusCode === 200 && answers) {
          const accepts = validatorOf(document, answers);
          // A fake may answer with what it was asked, which only rules of answers forbid. Their shape is compared.
          const faults = accepts(answer.json()) ? [] : accepts.errors?.filter(({ keyword }) => SHAPE.has(keyword));
          assert.deepEqual(faults, [], `${operation.operationId} ${answer.body}`);
        }
        // The fakes of tests do not know every method, and a version may come by header or query. What matters is that the request was taken.
        const taken =
          [200, 404, 409, 412, 501].includes(answer.statusCode) || /SESSION_REVOKED|IF_MATCH_MISSING/.test(answer.body);
        assert.ok(taken, `${operation.operationId} ${JSON.stringify(sample)} ${answer.statusCode} ${answer.body}`);
      }
      const spoiled = await call(operation, { ...(valid[0] as JsonObject), 'query nope': 'x' });
      const documented = Object.keys(operation.responses);
      if (operation.requestBody?.content['application/x-ndjson'] === undefined && !takesWholeBody(operation)) {
        assertProblem(spoiled, spoiled.statusCode === 428 ? 428 : 400);
      }
      assert.ok(documented.includes(String(spoiled.statusCode)) || documented.includes('default'));
      if (operation.security.length > 0) {
        assertProblem(await call({ ...operation, security: [] }, valid[0] as JsonObject), 401, 'TOKEN_MISSING');
        assert.ok(documented.includes('401'));
      }
    }
  });

  it('takes and refuses the bodies that its schemas do, and names the field', async () => {
    let refused = 0;
    for (const operation of operations) {
      const schema = operation.requestBody?.content['application/json']?.schema;
      if (!schema || operation.operationId === FAILS_ON_PURPOSE) continue;
      const accepts = validatorOf(document, schema);
      const [sample] = fc.sample(fc.noBias(sampleOf(document, sampleSchema(operation))), { numRuns: 1, seed: 11 });
      for (const { field, value, sample: spoiled } of spoil(sample as JsonObject, Object.keys(membersOf(schema)))) {
        const answer = await call(operation, spoiled);
        const about = `${operation.operationId} ${field}: ${JSON.stringify(value).slice(0, 40)} ${answer.statusCode} ${answer.body.slice(0, 300)}`;
        assert.ok(answer.statusCode < 500 || answer.statusCode === 501, about);
        if (answer.statusCode !== 400) {
          // The protobuf JSON mapping takes numbers for the 64-bit integers that it writes as strings, and digits for floats.
          assert.ok(accepts(spoiled.body) || Number.isFinite(Number(value)), about);
          continue;
        }
        refused += 1;
        const { errors } = answer.json() as { errors: { field: string; reason: string }[] };
        assert.ok(
          !accepts(spoiled.body) || errors.every(({ field: at, reason }) => TOLD_IN_WORDS.test(`${reason} ${at}`)),
          about,
        );
        assert.ok(
          errors.some(({ field: named }) => named.startsWith(field) || field.startsWith(named) || named === 'thing'),
          about,
        );
      }
    }
    assert.ok(refused > 1_000, `${refused}`);
  });

  it('refuses junk in every parameter of the query that is not text, and names it', async () => {
    let refused = 0;
    for (const operation of operations) {
      const [sample] = fc.sample(fc.noBias(sampleOf(document, sampleSchema(operation))), { numRuns: 1, seed: 13 });
      for (const { name, in: place, schema } of operation.parameters) {
        if (place !== 'query' || !['integer', 'number', 'boolean'].includes(String(schema.type))) continue;
        for (const junk of ['x', '1e999', '0x1', ' ', '\u0000', '1,2']) {
          const answer = await call(operation, { ...(sample as JsonObject), [`query ${name}`]: junk });
          assertProblem(answer, 400);
          assert.match(answer.body, new RegExp(`"field":"${name}"`), `${operation.operationId} ${name}=${junk}`);
          refused += 1;
        }
      }
    }
    assert.ok(refused > 40, `${refused}`);
  });

  function call(operation: Operation, sample: JsonObject) {
    return callOperation(gateway, operation, sample);
  }

  function jsonAnswerOf({ responses }: Operation): JsonObject | undefined {
    const content = responses['200']?.content as Record<string, { schema: JsonObject }> | undefined;
    const streams = content?.['text/event-stream'] !== undefined;
    return streams ? undefined : content?.['application/json']?.schema;
  }

  function membersOf(schema: JsonObject): JsonObject {
    const { $ref } = schema;
    if (typeof $ref !== 'string') return (schema.properties ?? {}) as JsonObject;
    const schemas = (document.components as JsonObject).schemas as Record<string, JsonObject>;
    return membersOf(schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {});
  }

  function takesWholeBody(operation: Operation): boolean {
    return operation.requestBody !== undefined && !operation.requestBody.content['application/json'];
  }
});
