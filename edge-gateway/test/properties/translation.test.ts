import assert from 'node:assert/strict';
import {
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
} from '@bufbuild/protobuf';
import fc from 'fast-check';
import { TranscodingError } from '../../src/transcoding/faults.ts';
import { parseStrictJson } from '../../src/transcoding/json/strict-json.ts';
import { messageOf, ruleFaults } from '../../src/transcoding/request/encode-message.ts';
import { parseQuery } from '../../src/transcoding/request/query.ts';
import { messageToJson } from '../../src/transcoding/response/response.ts';
import { PathTemplateError, parsePathTemplate } from '../../src/transcoding/routing/path-template.ts';
import { createRouteTable } from '../../src/transcoding/routing/route-table.ts';
import { contract } from '../support/contract.ts';
import { createTranslation, type Translation } from '../support/translation.ts';
import { jsonOf, registries, ruledRegistries, spoiled } from './arbitraries.ts';

/** Cases in all; a nightly run sets more. */
const CASES = Number(process.env.PROPERTY_CASES ?? 2_000);
const SETS = Math.ceil(CASES / 100);
const MESSAGES_PER_SET = 25;

describe('properties of the translation', function () {
  this.timeout(CASES * 100);

  it('what goes in as valid JSON comes out equal, as bytes and as JSON', () =>
    withGeneratedTypes((translation, type, registry) => {
      fc.assert(
        fc.property(jsonOf(type), (json) => {
          // Bytes are compared, not messages: to equals(), NaN differs from itself.
          const bytes = toBinary(type, translation.read(type, JSON.stringify(json)));
          assert.deepEqual(toBinary(type, fromBinary(type, bytes)), bytes);
          const out = JSON.stringify(messageToJson(type, bytes, registry));
          const again = toBinary(type, translation.read(type, out));
          assert.deepEqual(again, bytes);
          assert.equal(JSON.stringify(messageToJson(type, again, registry)), out);
        }),
        { numRuns: MESSAGES_PER_SET },
      );
    }));

  it('the JSON Schema and the conversion agree on what is valid, for types of every kind', () =>
    withGeneratedTypes((translation, type) => {
      const cases = jsonOf(type).chain(spoiled);
      fc.assert(
        fc.property(cases, (json) => agree(translation, type, json)),
        { numRuns: MESSAGES_PER_SET },
      );
    }));

  it('the gateway and the service, which sees the bytes, agree on what breaks a rule', () =>
    withGeneratedTypes((translation, type) => {
      const cases = fc.oneof(jsonOf(type), jsonOf(type).chain(spoiled));
      fc.assert(
        fc.property(cases, (json) => agreeWithService(translation, type, json)),
        { numRuns: MESSAGES_PER_SET },
      );
    }, ruledRegistries));

  it('the JSON Schema and protovalidate agree on what is valid, for rules of every kind', async () => {
    const type = contract.registry.getMessage('malla.testing.v1.Thing') as DescMessage;
    const translation = await createTranslation(contract.registry, [type]);
    fc.assert(
      fc.property(things.chain(spoiled), (json) => agree(translation, type, json)),
      { numRuns: CASES / 4 },
    );
  });

  it('no input throws anything but an error of its own', () => {
    const table = createRouteTable<string>();
    table.add('GET', parsePathTemplate('/v1/{a=x/*}/**'), 'a', 'a');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.string({ unit: 'binary' }), nearlyJson, (bytes, text, json) => {
        only(TranscodingError, () => parseStrictJson(bytes));
        only(TranscodingError, () => parseStrictJson(Buffer.from(json)));
        only(TranscodingError, () => parseQuery(text));
        only(PathTemplateError, () => parsePathTemplate(text));
        table.find('GET', text);
        table.find('GET', `/v1/${text}`);
      }),
      { numRuns: CASES / 4 },
    );
  });

  it('what JSON.parse takes the strict parser takes alike, or says why not', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        try {
          assert.deepEqual(parseStrictJson(Buffer.from(text)).value, JSON.parse(text));
        } catch (error) {
          assert.ok(error instanceof TranscodingError);
          assert.notEqual(error.reason, 'JSON_MALFORMED');
        }
      }),
      { numRuns: CASES / 4 },
    );
  });
});

const things = fc.record(
  {
    displayName: fc.string({ maxLength: 25 }),
    thing_id: fc.constantFrom('', 'a', 'a-b', 'A'),
    color: fc.constantFrom('COLOR_RED', 1, 7),
    numbers: fc.record(
      { small: fc.integer({ min: -5, max: 105 }), exact: fc.double({ noNaN: true }) },
      { requiredKeys: [] },
    ),
    tags: fc.array(fc.constantFrom('', 'a', 'b'), { maxLength: 4 }),
    parts: fc.array(fc.record({ name: fc.constantFrom('', 'n') }, { requiredKeys: [] }), { maxLength: 2 }),
    labels: fc.dictionary(fc.constantFrom('a', 'ab', 'abc', 'abcd'), fc.string({ maxLength: 3 }), { maxKeys: 3 }),
    nickname: fc.string({ maxLength: 7 }),
    email: fc.constantFrom('', 'a@example.com', 'a'),
    data: fc.constantFrom('', 'AAAA', 'A'.repeat(24)),
    lifetime: fc.constantFrom('1s', '-1s'),
    from: fc.integer({ min: 0, max: 2 }),
    to: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonValue>;

const nearlyJson = fc
  .tuple(fc.json(), fc.nat(100), fc.constantFrom('', '"', '\\', '{', ']', ',', ':', '0', 'e', '-', '\u0000', '\ud800'))
  .map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1));

/** Checks a canonical form both ways: the schema takes it exactly when it converts and breaks no rule. */
function agree(translation: Translation, type: DescMessage, json: JsonValue): void {
  const { json: canonical, faults } = translation.canonical(type, JSON.stringify(json));
  if (faults.length > 0) return;
  const { codec } = translation;
  let broken: string | undefined;
  try {
    const rules = ruleFaults(codec, type, fromJson(type, canonical, { registry: codec.registry }));
    if (rules.length > 0) broken = rules.map(({ reason }) => reason).join();
  } catch (error) {
    broken = (error as Error).message;
  }
  if (!translation.accepts(type, canonical)) {
    assert.ok(translation.explain(type, { json: canonical, faults }).length > 0, 'a refusal without a fault');
    assert.ok(broken !== undefined || isStricter(canonical), 'the schema refuses what converts and breaks no rule');
  } else if (broken !== undefined)
    assert.doesNotMatch(broken, /^cannot decode/, 'the schema takes what does not convert');
}

/** Checks that the gateway refuses a message for its rules exactly when the service does, and by the same ones. */
function agreeWithService(translation: Translation, type: DescMessage, json: JsonValue): void {
  const canonical = translation.canonical(type, JSON.stringify(json));
  const { codec } = translation;
  const message = ((): Message | undefined => {
    try {
      return messageOf(codec, type, canonical.json);
    } catch {
      return undefined;
    }
  })();
  if (!message || canonical.faults.length > 0 || isStricter(canonical.json)) return;
  const service = ruleFaults(codec, type, fromBinary(type, toBinary(type, message)));
  assert.deepEqual(ruleFaults(codec, type, message), service, 'the message and its bytes break other rules');
  const refused = translation.explain(type, canonical);
  if (refused.length > 0) assert.ok(service.length > 0, `only the schema refuses: ${JSON.stringify(refused)}`);
}

/** The schema refuses what the conversion would change or lose: days that no month has, and empty names in a field mask. */
function isStricter(json: JsonValue): boolean {
  return /"2026-02-30T|@type/.test(JSON.stringify(json));
}

function only(expected: new (...args: never[]) => Error, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof expected, String(error));
  }
}

async function withGeneratedTypes(
  check: (translation: Translation, type: DescMessage, registry: FileRegistry) => void,
  kinds = registries,
): Promise<void> {
  for (const registry of fc.sample(kinds, SETS)) {
    const types = ['gen.M0', 'gen.M1', 'gen.M2'].map((name) => registry.getMessage(name) as DescMessage);
    const translation = await createTranslation(registry, types);
    for (const type of types) check(translation, type, registry);
  }
}
