import assert from 'node:assert/strict';
import { create, type DescField, fromJson, getOption, type JsonValue, type Message } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import {
  type FieldRules,
  field as fieldRules,
  message as messageRules,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { mallaContract } from '@malla/proto/contract';
import { patternWords } from '../../src/validation/pattern-words.ts';
import { plainWords } from '../../src/validation/plain-words.ts';
import { ruleCheckOf } from '../../src/validation/rule-check.ts';
import { timeRangeOf } from '../../src/validation/time-rules.ts';

const { registry } = mallaContract();
const messages = [...registry].filter((type) => type.kind === 'message').filter((type) => isOurs(type.typeName));
const check = ruleCheckOf(registry);

function isOurs(typeName: string): boolean {
  return typeName.startsWith('malla.');
}

function messageOf(typeName: string) {
  const type = registry.getMessage(typeName);
  assert.ok(type);
  return type;
}

const faultsOf = (typeName: string, json: JsonValue) =>
  check(messageOf(typeName), fromJson(messageOf(typeName), json, { registry })).map(
    ({ path, reason, description }) =>
      `${path.map((step) => ('jsonName' in step ? step.jsonName : 'index' in step ? step.index : '')).join('.')} ${reason} ${description}`,
  );

/** Every pattern of a field, of its elements, and of its keys and values. */
function patternsOf(rules: FieldRules | undefined): string[] {
  if (!rules) return [];
  const { type } = rules;
  if (type.case === 'string') return type.value.pattern ? [type.value.pattern] : [];
  if (type.case === 'repeated') return patternsOf(type.value.items);
  return type.case === 'map' ? [...patternsOf(type.value.keys), ...patternsOf(type.value.values)] : [];
}

describe('the words of rules', () => {
  it('say of every pattern of the contracts what it asks for', () => {
    const fields = messages.flatMap((type) => type.fields);
    const said = fields.flatMap((field: DescField) =>
      patternsOf(getOption(field, fieldRules)).map((pattern) => patternWords(pattern, field.name)),
    );
    assert.ok(said.length > 80);
    assert.deepEqual(
      said.filter((words) => /pattern|[\\^$[\]]/.test(words)),
      [],
    );
  });

  it('name no field of the contracts in their texts', () => {
    const texts = messages
      .flatMap((type) => [getOption(type, messageRules), ...type.fields.map((field) => getOption(field, fieldRules))])
      .flatMap(({ cel }) => cel.map(({ message }) => message));
    assert.ok(texts.length > 5);
    assert.deepEqual(
      texts.filter((text) => /[a-z]_[a-z]/.test(text)),
      [],
    );
  });

  it('are plain for numbers and times', () => {
    const cases = [
      ['int32.gte', 'must be greater than or equal to 1', 'must be at least 1'],
      ['int32.lte', 'must be less than or equal to 100', 'must be at most 100'],
      ['int32.gte_lte', 'must be greater than or equal to 1 and less than or equal to 100', 'must be from 1 to 100'],
      ['int32.gt', 'must be greater than 0', 'must be more than 0'],
      ['int32.in', 'must be in list [1, 2]', 'must be one of 1, 2'],
      ['timestamp.lt', 'must be less than 2000-01-01T00:00:00Z', 'must be before 2000-01-01T00:00:00Z'],
      [
        'timestamp.gte',
        'must be greater than or equal to 2000-01-01T00:00:00Z',
        'must be at or after 2000-01-01T00:00:00Z',
      ],
    ] as const;
    for (const [id, text, words] of cases) assert.equal(plainWords(id, text), words);
  });

  it('name ids by what they are of', () => {
    assert.deepEqual(faultsOf('malla.stores.v1.GetProductRequest', { productId: 'x' }), [
      'productId STRING_PATTERN must be a product id, such as prod_…',
    ]);
  });
});

describe('the rules of times', () => {
  const price = (time: string) => ({ amount: { currencyCode: 'EUR', amountMinor: '1' }, endTime: time });

  it('say where and within which bounds a time must be', () => {
    assert.deepEqual(faultsOf('malla.stores.v1.Price', price('9999-12-31T23:59:59Z')), [
      'endTime TIMESTAMP_GTE_LT must be at or after 0001-01-01T00:00:00Z and before 9999-12-31T23:59:59Z',
    ]);
    assert.deepEqual(faultsOf('malla.stores.v1.Price', price('9999-12-31T23:59:58.999999999Z')), []);
  });

  it('are as the library has them, for every time of the contracts', () => {
    const library = createValidator({ registry });
    let compared = 0;
    for (const type of messages) {
      for (const field of type.fields) {
        const range = timeRangeOf(getOption(field, fieldRules));
        if (!range || !field.message || field.oneof) continue;
        for (const at of [range.low?.value, range.high?.value]) {
          for (const nudge of [-1n, 0n, 1n]) {
            const seconds = (at?.seconds ?? 0n) + nudge;
            const message: Message = create(type, {
              [field.localName]: create(field.message, { seconds, nanos: 0 }),
            } as never);
            const expected = (library.validate(type, message).violations ?? []).filter(
              ({ ruleId, field: path }) => /^(timestamp|duration)/.test(ruleId) && path.length === 1,
            );
            const found = check(type, message).filter(({ reason }) => /^(TIMESTAMP|DURATION)/.test(reason));
            const reasons = expected.map(({ ruleId }) => ruleId.replace('.', '_').toUpperCase());
            if (library.validate(type, message).kind === 'error') continue;
            assert.deepEqual(
              found.map(({ reason }) => reason),
              reasons,
              `${type.typeName}.${field.name} ${seconds}`,
            );
            compared += 1;
          }
        }
      }
    }
    assert.ok(compared > 30, `${compared} times were compared`);
  });

  it('cost little, however many times a message has', () => {
    const type = messageOf('malla.stores.v1.Product');
    const prices = Array.from({ length: 20 }, () => ({
      ...price('2030-01-01T00:00:00Z'),
      startTime: '2029-01-01T00:00:00Z',
    }));
    const variants = Array.from({ length: 100 }, (_, at) => ({ sku: `s${at}`, prices }));
    const message = fromJson(type, { name: 'x', variants });
    const costsMs = Array.from({ length: 5 }, () => {
      const before = process.threadCpuUsage();
      check(type, message);
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1_000;
    });
    assert.deepEqual(check(type, message), []);
    assert.ok(Math.min(...costsMs) < 60, `${costsMs} ms`);
  });
});
