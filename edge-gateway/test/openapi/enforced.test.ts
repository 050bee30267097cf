import assert from 'node:assert/strict';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { integerPattern } from '../../src/openapi/enforced/integer-pattern.ts';
import { callOperation, type Documented, startDocumented, validatorOf } from '../support/operations.ts';
import { assertProblem } from '../support/problems.ts';

const STORE = 'store_01936e5c7b1a7c3e9f0001234f';
const VARIANT = 'var_01936e5c7b1a7c3e9f0001234f';
const PAYMENT = 'pay_01936e5c7b1a7c3e9f0001234f';
const PURCHASE = 'pur_01936e5c7b1a7c3e9f0001234f';
const amount = (amountMinor: JsonValue) => ({ amount: { currencyCode: 'EUR', amountMinor } });

/** Bodies that break one rule each, by operation: what is wrong stands first. */
const BAD: readonly (readonly [string, string, JsonObject])[] = [
  ['an amount of nothing', 'PaymentsService_RefundPayment', amount('0')],
  ['an amount over the greatest', 'PaymentsService_RefundPayment', amount('1000000000000')],
  ['an amount below zero', 'PaymentsService_RefundPayment', amount('-1')],
  ['an amount over 64 bits', 'PaymentsService_CapturePayment', amount('9223372036854775808')],
  ['an amount with a point', 'PaymentsService_CapturePayment', amount('1.5')],
  [
    'both members of what excludes each other',
    'PurchasesService_RefundPurchase',
    { lines: [{ variantId: VARIANT, quantity: 1 }], ...amount('5') },
  ],
  ['an address that is none', 'UsersService_Login', { email: 'ada example.com', password: 'correct horse battery' }],
  [
    'an event type twice',
    'WebhooksService_CreateWebhookEndpoint',
    { url: 'https://example.com/', eventTypes: ['purchase.failed', 'purchase.failed'] },
  ],
];

describe('what the OpenAPI document says is enforced', () => {
  let { gateway, document, operations }: Documented = {} as Documented;
  before(async () => {
    ({ gateway, document, operations } = await startDocumented({}));
  });
  after(() => gateway.stop());

  const operationOf = (id: string) => {
    const found = operations.find(({ operationId }) => operationId === id);
    assert.ok(found, `${id} of ${operations.map(({ operationId }) => operationId).join()}`);
    return found;
  };
  const parameterOf = (id: string, name: string) => {
    const schema = operationOf(id).parameters.find((parameter) => parameter.name === name)?.schema;
    assert.ok(schema, name);
    return { schema, accepts: validatorOf(document, schema) };
  };

  for (const [what, id, body] of BAD) {
    it(`refuses ${what}, as the gateway does (${id})`, async () => {
      const operation = operationOf(id);
      const schema = operation.requestBody?.content['application/json']?.schema ?? {};
      assert.ok(!validatorOf(document, schema)(body));
      const paths = operation.parameters
        .filter((each) => each.in === 'path' || each.required)
        .map((each) => [`${each.in} ${each.name}`, idOf(each.name)]);
      assertProblem(await callOperation(gateway, operation, { ...Object.fromEntries(paths), body }), 400);
    });
  }

  it('gives a pattern to X-Request-Timeout and Idempotency-Key that the gateway follows', async () => {
    const id = 'PurchasesService_GetPurchase';
    const { accepts } = parameterOf(id, 'X-Request-Timeout');
    for (const [value, taken] of [
      ['2', true],
      ['0.5', true],
      ['0', false],
      ['0.000', false],
      ['-1', false],
      ['1e3', false],
      ['1.2345', false],
      ['', false],
      ['soon', false],
    ] as const) {
      assert.equal(accepts(value), taken, value);
      const sample = { 'path purchase_id': PURCHASE, 'header X-Request-Timeout': value };
      const answer = await callOperation(gateway, operationOf(id), sample);
      assert.equal(answer.statusCode !== 400, taken, `${value} ${answer.body}`);
    }
    const key = parameterOf('PurchasesService_CreatePurchase', 'Idempotency-Key').accepts;
    for (const bad of ['', 'a b', 'ü', 'x'.repeat(256), '"x']) assert.ok(!key(bad), bad);
    for (const good of ['x', '"x"', 'x'.repeat(255)]) assert.ok(key(good), good);
  });

  it('bounds 64-bit integers, durations and times of queries and bodies', () => {
    const price = parameterOf('CatalogService_SearchProducts', 'priceMinMinor').accepts;
    for (const [value, taken] of [
      ['0', true],
      ['9223372036854775807', true],
      ['9223372036854775808', false],
      ['-1', false],
      ['x', false],
    ] as const)
      assert.equal(price(value), taken, value);
    const bare: JsonValue[] = [];
    let seen = 0;
    JSON.parse(JSON.stringify((document.components as JsonObject).schemas), (_key, value) => {
      if (!/^(u?int64|google-duration|date-time)$/.test(value?.format)) return value;
      seen += 1;
      if (!value.pattern) bare.push(value);
      return value;
    });
    assert.deepEqual(bare, []);
    assert.ok(seen > 50, `${seen}`);
  });

  it('says that lists have no element twice, and what a compressed body is answered with', () => {
    assert.ok(JSON.stringify(document).split('"uniqueItems":true').length > 6);
    const { responses } = document.components as Record<string, Record<string, { headers: JsonObject }>>;
    assert.ok('Accept-Encoding' in (responses?.UnsupportedMediaType?.headers ?? {}));
    const watch = operations.find(({ path }) => path.endsWith('catalog:watch'));
    assert.match(JSON.stringify(watch?.responses['429']), /StreamsTooMany/);
  });

  it('describes exactly the integers of a range', () => {
    const ranges = [
      [0, 0],
      [1, 10],
      [-5, 7],
      [3, 128],
      [17, 99],
      [-120, -7],
      [1, 999],
      [250, 3123],
      [-1, 0],
    ] as const;
    for (const [least, most] of ranges) {
      const pattern = new RegExp(`^${integerPattern(BigInt(least), BigInt(most))}$`);
      for (let value = -4_000; value <= 4_000; value += 1)
        assert.equal(pattern.test(String(value)), value >= least && value <= most, `${value} of ${least} to ${most}`);
    }
  });
});

function idOf(name: string): string {
  const ids: Readonly<Record<string, string>> = { store_id: STORE, payment_id: PAYMENT, purchase_id: PURCHASE };
  return ids[name] ?? 'key';
}
