import assert from 'node:assert/strict';
import { costOf } from '../support/cost.ts';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem, faultsOf } from '../support/problems.ts';

const PART = 'type.googleapis.com/malla.testing.v1.Part';

describe('rules', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({ env: { RATE_LIMIT_WRITE_PER_MINUTE: '9999' } });
  });
  after(() => gateway.stop());

  function post(url: string, body: unknown) {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    return gateway.app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json' } });
  }

  const refusals: readonly [name: string, body: unknown, ...faults: string[]][] = [
    [
      'of the siblings of a wrong element',
      { tags: [1, '', 'ok', 'x'] },
      'tags[0] TYPE_MISMATCH',
      'tags[1] STRING_MIN_LEN',
      'tags[3] STRING_MIN_LEN',
    ],
    [
      'that count, and not of the elements of what is too long',
      { tags: [1, 'a', '', 4, 5] },
      'tags REPEATED_MAX_ITEMS',
    ],
    [
      'that count the entries of a map, and not of its values',
      { limits: { a: 'x', b: 0, c: 1 } },
      'limits MAP_MAX_PAIRS',
    ],
    ['of the siblings of a wrong value', { limits: { a: 'x', b: 0 } }, 'limits.a TYPE_MISMATCH', 'limits.b INT32_GT'],
    ['that look at no wrong value', { from: 5, to: 'x' }, 'to TYPE_MISMATCH'],
    ['that demand no wrong member', { choice: { number: 'x' } }, 'choice.number TYPE_MISMATCH'],
    ['that demand a member', { choice: { nope: 1 } }, 'choice.nope FIELD_UNKNOWN', 'choice.pick REQUIRED'],
    [
      'with an unknown type of message',
      { other: { '@type': 'a/no.Such' }, word: 'x' },
      'other VALUE_INVALID',
      'word STRING_CONST',
    ],
    [
      'with two of them and an unknown field',
      { other: { '@type': 'a/no.Such' }, anys: [{}, { '@type': PART, nope: 1 }], nope: 1 },
      'anys[1] VALUE_INVALID',
      'nope FIELD_UNKNOWN',
      'other VALUE_INVALID',
    ],
    [
      'with a key in two spellings',
      { counts: { 1: 1, '01': 2 }, word: 'x' },
      'counts["01"] FIELD_DUPLICATED',
      'word STRING_CONST',
    ],
    [
      'with a key that is no truth',
      { switches: { True: 'y' }, word: 'x' },
      'switches.True TYPE_MISMATCH',
      'word STRING_CONST',
    ],
    ['with a null that is none', { nothing: 5, word: 'x' }, 'nothing ENUM_VALUE_UNKNOWN', 'word STRING_CONST'],
    ['with an inexact integer', '{"big":9007199254740993,"word":"x"}', 'big NUMBER_INEXACT', 'word STRING_CONST'],
    ['of the type of any message', { any: { '@type': 'a/malla.testing.v1.Numbers' } }, 'any ANY_IN'],
  ];
  for (const [name, body, ...faults] of refusals) {
    it(`are told ${name}`, async () => {
      const found = faultsOf(assertProblem(await post('/v1/testing/rules', body), 400, 'MESSAGE_INVALID'));
      assert.deepEqual(found.sort(), faults);
    });
  }

  it('of floats look at what a float holds', async () => {
    assert.equal((await post('/v1/testing/rules', { least: 0.1 })).json().request.least, Math.fround(0.1));
    for (const body of [{ below: 0.1 }, { below: '0.1' }, { below: 0.099999999999 }, { least: 0.09 }]) {
      const [fault = ''] = faultsOf(assertProblem(await post('/v1/testing/rules', body), 400));
      assert.match(fault, /^(below FLOAT_LT|least FLOAT_GTE)$/);
    }
  });

  it('that cannot be evaluated with the values of a request refuse it', async () => {
    const most = '9223372036854775807';
    const later = { time: '9999-12-31T23:59:59Z', later: '315576000000s' };
    for (const body of [{ a: most, b: most }, { digits: 'abc' }, { digits: '9'.repeat(30) }, later]) {
      const found = faultsOf(assertProblem(await post('/v1/testing/sums', body), 400, 'MESSAGE_INVALID'));
      assert.deepEqual(found, [' RULE_NOT_EVALUABLE']);
    }
    assert.deepEqual(faultsOf(assertProblem(await post('/v1/testing/sums', { digits: 5 }), 400)), [
      'digits TYPE_MISMATCH',
    ]);
    assert.equal((await post('/v1/testing/sums', { a: 1, digits: '9' })).statusCode, 200);
  });

  it('of many elements are told up to a bound', async () => {
    for (const each of [{ name: '', x: 1 }, { name: '' }, { x: 1 }, {}]) {
      const payload = JSON.stringify({ parts: Array.from({ length: 1_000 }, () => each) });
      const { answer, cpuMs } = await costOf(() => post('/v1/testing/things', payload));
      const problem = assertProblem(answer, 400, 'MESSAGE_INVALID');
      const found = Number(problem.errors?.length);
      assert.ok(found >= 50 && found <= 100 && answer.body.length < 20_000, `${found}`);
      assert.ok(cpuMs < 400, `${JSON.stringify(each)} took ${cpuMs} ms`);
    }
  });
});

describe('messages of any type', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway();
  });
  after(() => gateway.stop());
  const post = (payload: string) =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/testing/rules',
      payload,
      headers: { 'content-type': 'application/json' },
    });

  it('are walked by their type, so that no integer in them changes', async () => {
    const wrong = [
      [`{"any":{"@type":"${PART}","quantity":9007199254740993}}`, 'any.quantity NUMBER_INEXACT'],
      [
        `{"any":{"@type":"${PART}","name":"a","parts":[{"quantity":9007199254740993}]}}`,
        'any.parts[0].quantity NUMBER_INEXACT',
      ],
      ['{"other":{"@type":"a/google.protobuf.Int64Value","value":9007199254740993}}', 'other.value NUMBER_INEXACT'],
      [
        `{"other":{"@type":"a/google.protobuf.Any","value":{"@type":"${PART}","quantity":9007199254740993}}}`,
        'other.value.quantity NUMBER_INEXACT',
      ],
    ] as const;
    for (const [body, fault] of wrong) assert.deepEqual(faultsOf(assertProblem(await post(body), 400)), [fault]);
    const answer = await post(`{"any":{"@type":"${PART}","quantity":"9007199254740993","parts":null}}`);
    assert.equal(answer.json().request.any.quantity, '9007199254740993');
  });

  it('leave an exact integer alone that stands beside an inexact number', async () => {
    const { request } = (await post('{"big":1152921504606846976,"real":1e300}')).json();
    assert.equal(request.big, '1152921504606846976');
  });
});

describe('texts', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway();
  });
  after(() => gateway.stop());

  it('are bytes, times and durations only in the forms of the mapping', async () => {
    const wrong: readonly [field: string, ...values: string[]][] = [
      ['data', 'A Q I =', 'AQI\n', 'AQ=', 'AQ===', 'A', 'AQ==AQ==', '=', 'AQI '],
      ['time', '2026-01-01T24:00:00Z', '2026-01-01T23:60:00Z', '2026-02-30T00:00:00Z', '2026-01-01 00:00:00Z'],
      ['duration', '1s more', '1ss', '1.0000000001s', '1', '+1s'],
    ];
    for (const [field, ...values] of wrong) {
      for (const value of values) {
        const answer = await gateway.app.inject({
          method: 'POST',
          url: '/v1/testing/rules',
          payload: { [field]: value },
        });
        assert.deepEqual(faultsOf(assertProblem(answer, 400)), [`${field} TYPE_MISMATCH`], value);
      }
    }
    const payload = { data: 'AQ', time: '2024-02-29T23:59:59.5-23:59', duration: '-0.5s' };
    assert.equal((await gateway.app.inject({ method: 'POST', url: '/v1/testing/rules', payload })).statusCode, 200);
  });

  it('of a query are not changed by a plus sign, which is a space there', async () => {
    const answer = await gateway.app.inject('/v1/testing/things?filter.digest=AQI+');
    assert.deepEqual(faultsOf(assertProblem(answer, 400)), ['filter.digest TYPE_MISMATCH']);
    const exact = await gateway.app.inject('/v1/testing/things?filter.digest=AQI%2B');
    assert.equal(exact.json().request.filter.digest, 'AQI+');
  });
});
