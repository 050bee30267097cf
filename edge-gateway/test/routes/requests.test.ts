import assert from 'node:assert/strict';
import { jsonOf } from '../support/fakes.ts';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import { assertProblem, faultsOf } from '../support/problems.ts';

describe('requests', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await createTestGateway({
      env: { RATE_LIMIT_READ_PER_MINUTE: '9999', RATE_LIMIT_WRITE_PER_MINUTE: '9999' },
    });
  });
  after(() => gateway.stop());

  /** Sends a request that must succeed. @returns the JSON of the message that the service got. */
  async function received(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: object,
    headers = {},
  ) {
    gateway.testing.calls.length = 0;
    const answer = await gateway.app.inject({ method, url, headers, ...(body && { payload: body }) });
    assert.equal(answer.statusCode, 200, answer.body);
    const [call] = gateway.testing.calls;
    assert.ok(call);
    return jsonOf(call.rpc, call.request);
  }

  async function refused(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers = {},
  ) {
    const payload =
      body === undefined
        ? {}
        : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
    const answer = await gateway.app.inject({ method, url, headers, ...payload });
    return faultsOf(assertProblem(answer, 400, 'MESSAGE_INVALID'));
  }

  describe('body', () => {
    const things: readonly [name: string, sent: object, got: object][] = [
      ['JSON names', { displayName: 'a' }, { displayName: 'a' }],
      [
        'proto names',
        { display_name: 'a', create_time: '2026-01-31T12:00:00Z' },
        { displayName: 'a', createTime: '2026-01-31T12:00:00Z' },
      ],
      ['null for an absent field', { displayName: null, numbers: null, tags: null, labels: null }, {}],
      ['null as a value', { value: null }, { value: null }],
      [
        'numbers as strings',
        { numbers: { small: '7', count: '4294967295', ratio: '1.5', exact: '-2e3' } },
        { numbers: { small: 7, count: 4294967295, ratio: 1.5, exact: -2000 } },
      ],
      [
        '64-bit integers as numbers',
        { number: 9007199254740991, numbers: { total: 5 } },
        { number: '9007199254740991', numbers: { total: '5' } },
      ],
      [
        '64-bit integers as strings',
        { number: '-9223372036854775808', numbers: { total: '18446744073709551615' } },
        { number: '-9223372036854775808', numbers: { total: '18446744073709551615' } },
      ],
      ['numbers that are none', { numbers: { ratio: 'NaN' } }, { numbers: { ratio: 'NaN' } }],
      [
        'enums by name and number',
        { color: 'COLOR_RED', colors: [2, 'COLOR_RED', 7], anyColor: 99 },
        { color: 'COLOR_RED', colors: ['COLOR_GREEN', 'COLOR_RED', 7], anyColor: 99 },
      ],
      ['bytes in both alphabets', { data: '-_8' }, { data: '+/8=' }],
      ['presence of false', { maybe: false, flag: false }, { maybe: false }],
      [
        'maps',
        { labels: { ab: 'x' }, counts: { '-1': 5, '2': '6' } },
        { labels: { ab: 'x' }, counts: { '-1': '5', '2': '6' } },
      ],
      ['wrappers', { nickname: '', weight: 0 }, { nickname: '', weight: '0' }],
      ['durations', { lifetime: '1.50s' }, { lifetime: '1.500s' }],
      [
        'any JSON',
        { extra: { a: [1, { b: null }] }, value: [true] },
        { extra: { a: [1, { b: null }] }, value: [true] },
      ],
      [
        'any message',
        { any: { '@type': 'type.googleapis.com/malla.testing.v1.Part', name: 'p' } },
        { any: { '@type': 'type.googleapis.com/malla.testing.v1.Part', name: 'p' } },
      ],
      [
        'messages within messages',
        { child: { child: { part: { name: 'x' } } } },
        { child: { child: { part: { name: 'x' } } } },
      ],
    ];
    for (const [name, sent, got] of things) {
      it(`takes ${name}`, async () => {
        assert.deepEqual(await received('POST', '/v1/testing/things', sent), { thing: got });
      });
    }

    it('takes a whole message, and an empty body as an empty one', async () => {
      assert.deepEqual(await received('POST', '/v1/testing/fail', { code: 0, waitMs: 1 }), { waitMs: 1 });
      assert.deepEqual(await received('POST', '/v1/testing/fail'), {});
      assert.deepEqual(
        await received('POST', '/v1/testing/fail', undefined, { 'content-type': 'application/json' }),
        {},
      );
    });

    const wrong: readonly [name: string, sent: unknown, faults: string[]][] = [
      [
        'unknown fields, at every depth',
        { a: 1, numbers: { b: 2 }, parts: [{ name: 'x', c: 3 }] },
        ['a FIELD_UNKNOWN', 'numbers.b FIELD_UNKNOWN', 'parts[0].c FIELD_UNKNOWN'],
      ],
      [
        'wrong types',
        { displayName: 5, flag: 'yes', numbers: [], tags: 'x', labels: 1, parts: [5], maybe: 0 },
        [
          'displayName TYPE_MISMATCH',
          'flag TYPE_MISMATCH',
          'numbers TYPE_MISMATCH',
          'tags TYPE_MISMATCH',
          'labels TYPE_MISMATCH',
          'parts[0] TYPE_MISMATCH',
          'maybe TYPE_MISMATCH',
        ],
      ],
      [
        'null within lists and maps',
        { tags: [null], parts: [null], labels: { ab: null } },
        ['tags[0] NULL_NOT_ALLOWED', 'parts[0] NULL_NOT_ALLOWED', 'labels.ab NULL_NOT_ALLOWED'],
      ],
      [
        'numbers beyond their type',
        { numbers: { count: -1, total: -1, big: '9223372036854775808', ratio: 1e39 }, from: 2147483648 },
        [
          'numbers.count NUMBER_OUT_OF_RANGE',
          'numbers.total NUMBER_OUT_OF_RANGE',
          'numbers.big NUMBER_OUT_OF_RANGE',
          'numbers.ratio NUMBER_OUT_OF_RANGE',
          'from NUMBER_OUT_OF_RANGE',
        ],
      ],
      [
        'numbers with fractions or in other bases',
        { from: 1.5, to: '0x10', number: '1e3' },
        ['from TYPE_MISMATCH', 'to TYPE_MISMATCH', 'number TYPE_MISMATCH'],
      ],
      [
        'unknown names of enums',
        { color: 'BLUE', anyColor: 'BLUE', colors: ['RED'] },
        ['color ENUM_VALUE_UNKNOWN', 'anyColor ENUM_VALUE_UNKNOWN', 'colors[0] ENUM_VALUE_UNKNOWN'],
      ],
      ['undefined numbers of closed enums', { color: 9 }, ['color ENUM_VALUE_UNKNOWN']],
      [
        'texts that are no time, duration or base64',
        { createTime: '2026-02-30T00:00:00Z', lifetime: '1h', data: '$' },
        ['createTime TYPE_MISMATCH', 'lifetime TYPE_MISMATCH', 'data TYPE_MISMATCH'],
      ],
      [
        'keys of maps',
        { counts: { x: '1', '3000000000': '1' } },
        ['counts.x TYPE_MISMATCH', 'counts["3000000000"] NUMBER_OUT_OF_RANGE'],
      ],
      [
        'two members of a oneof',
        { text: 'a', number: 1, part: { name: 'x' } },
        ['number ONEOF_CONFLICT', 'part ONEOF_CONFLICT'],
      ],
      ['a field by both its names', { displayName: 'a', display_name: 'b' }, ['displayName FIELD_DUPLICATED']],
      [
        'rules of strings',
        { thingId: 'A', displayName: 'x'.repeat(21), email: 'no', nickname: '123456' },
        ['thingId STRING_PATTERN', 'displayName STRING_MAX_LEN', 'nickname STRING_MAX_LEN', 'email STRING_EMAIL'],
      ],
      [
        'rules of numbers',
        { numbers: { small: 101, exact: 1e301, big: '9007199254740994' } },
        ['numbers.small INT32_GTE_LTE', 'numbers.big INT64_LTE', 'numbers.exact DOUBLE_GT_LT'],
      ],
      [
        'rules of bytes, lists, maps and durations',
        { data: 'A'.repeat(24), tags: ['a', 'a', ''], labels: { a: '', bb: '', cc: '' }, lifetime: '-1s' },
        [
          'data BYTES_MAX_LEN',
          'tags REPEATED_UNIQUE',
          'tags[2] STRING_MIN_LEN',
          'labels MAP_MAX_PAIRS',
          'lifetime DURATION_GTE',
        ],
      ],
      ['required fields', { parts: [{ quantity: 1 }], part: {} }, ['parts[0].name REQUIRED', 'part.name REQUIRED']],
      [
        'wrong types where rules are ignored',
        { loose: { name: 5, nope: 1 } },
        ['loose.name TYPE_MISMATCH', 'loose.nope FIELD_UNKNOWN'],
      ],
      ['CEL rules', { from: 2, to: 1 }, [' THING_FROM_TO']],
      [
        'rules together with what cannot be converted',
        { nope: 1, flag: 'x', email: 'no', from: 2, to: 1, tags: [5, ''] },
        [
          'nope FIELD_UNKNOWN',
          'flag TYPE_MISMATCH',
          'tags[0] TYPE_MISMATCH',
          'tags[1] STRING_MIN_LEN',
          'email STRING_EMAIL',
        ],
      ],
      [
        'rules of the whole together with what is no part of it',
        { nope: 1, from: 2, to: 1 },
        ['nope FIELD_UNKNOWN', ' THING_FROM_TO'],
      ],
      ['an unknown type of message', { any: { '@type': 'type.googleapis.com/no.Such' } }, ['any VALUE_INVALID']],
    ];
    for (const [name, sent, faults] of wrong) {
      it(`names ${name}`, async () => {
        const found = await refused('POST', '/v1/testing/things', sent);
        // A rule of the whole message has the path of the message in its parent: here, of the body.
        assert.deepEqual(found.map((fault) => fault.replace(/^thing THING/, ' THING')).sort(), [...faults].sort());
      });
    }

    it('refuses an integer that a double has changed', async () => {
      const payload = '{"number": 9007199254740993, "numbers": {"exact": 9007199254740993}}';
      const headers = { 'content-type': 'application/json' };
      const answer = await gateway.app.inject({ method: 'POST', url: '/v1/testing/things', payload, headers });
      assert.deepEqual(faultsOf(assertProblem(answer, 400)), ['number NUMBER_INEXACT']);
    });

    it('refuses a body that is no object', async () => {
      for (const body of [[], 'x', 5, true]) {
        assert.deepEqual(await refused('POST', '/v1/testing/fail', body), [' TYPE_MISMATCH']);
        assert.deepEqual(await refused('POST', '/v1/testing/things', body), ['thing TYPE_MISMATCH']);
      }
      assert.deepEqual(await refused('POST', '/v1/testing/fail', null), [' NULL_NOT_ALLOWED']);
      assert.deepEqual(await refused('POST', '/v1/testing/things', null), ['thing REQUIRED']);
    });
  });

  describe('query', () => {
    it('reaches nested, repeated, enum, wrapper and well-known fields, by either name', async () => {
      const query = [
        'page_size=5&pageToken=a%2Bb+c',
        'filter.colors=COLOR_RED&filter.colors=2&filter.tags=a&filter.tags=',
        'filter.minWeight=7&filter.create_time_after=2026-01-31T12:00:00%2B01:00&filter.minLifetime=3s&filter.flag=false',
        'filter.ratio=1e-3&filter.ownerNumber=18446744073709551615&filter.digest=AQI&filter.not.not.owner_id=x',
        'filter.quantities=1&filter.quantities=-2&readMask=display_name,numbers.small',
      ];
      const got = (await received('GET', `/v1/testing/things?${query.join('&')}`)) as Record<string, unknown>;
      assert.deepEqual(got, {
        pageSize: 5,
        pageToken: 'a+b c',
        readMask: 'displayName,numbers.small',
        filter: {
          colors: ['COLOR_RED', 'COLOR_GREEN'],
          tags: ['a', ''],
          minWeight: '7',
          createTimeAfter: '2026-01-31T11:00:00Z',
          minLifetime: '3s',
          flag: false,
          ratio: 0.001,
          ownerNumber: '18446744073709551615',
          digest: 'AQI=',
          not: { not: { ownerId: 'x' } },
          quantities: ['1', '-2'],
        },
      });
    });

    it('may be empty', async () => {
      assert.deepEqual(await received('GET', '/v1/testing/things?'), {});
      assert.deepEqual(await received('GET', '/v1/testing/things?&&'), {});
    });

    const wrong: readonly [query: string, ...faults: string[]][] = [
      [
        'x=1&filter.x=1&filter=1&pageSize.x=1&=1',
        'x FIELD_UNKNOWN',
        'filter.x FIELD_UNKNOWN',
        'filter FIELD_UNKNOWN',
        'pageSize.x FIELD_UNKNOWN',
        ' FIELD_UNKNOWN',
      ],
      [
        'part=1&part.parts=1&part.parts.name=x',
        'part FIELD_UNKNOWN',
        'part.parts FIELD_UNKNOWN',
        'part.parts.name FIELD_UNKNOWN',
      ],
      [
        '__proto__=1&constructor=1&filter.__proto__=1',
        '__proto__ FIELD_UNKNOWN',
        'constructor FIELD_UNKNOWN',
        'filter.__proto__ FIELD_UNKNOWN',
      ],
      ['page_size=1&pageSize=2', 'pageSize FIELD_DUPLICATED'],
      [
        'pageSize=x&filter.flag=1&filter.colors=BLUE&filter.ratio=&filter.digest=$',
        'pageSize TYPE_MISMATCH',
        'filter.flag TYPE_MISMATCH',
        'filter.colors[0] ENUM_VALUE_UNKNOWN',
        'filter.ratio TYPE_MISMATCH',
        'filter.digest TYPE_MISMATCH',
      ],
      ['pageSize=101', 'pageSize INT32_GTE_LTE'],
      ['pageSize=', 'pageSize TYPE_MISMATCH'],
      ['filter.ownerId=a&filter.ownerNumber=1', 'filter.ownerNumber ONEOF_CONFLICT'],
      [
        'filter.createTimeAfter=today&filter.minLifetime=3&readMask=a..b',
        'filter.createTimeAfter TYPE_MISMATCH',
        'filter.minLifetime TYPE_MISMATCH',
        'readMask TYPE_MISMATCH',
      ],
    ];
    for (const [query, ...faults] of wrong) {
      it(`refuses ${query}`, async () => {
        assert.deepEqual((await refused('GET', `/v1/testing/things?${query}`)).sort(), faults.sort());
      });
    }

    it('is refused when it is not UTF-8', async () => {
      for (const query of ['a=%', 'a=%ff', '%c0%80=1', 'a=%ed%a0%80']) {
        assertProblem(await gateway.app.inject(`/v1/testing/things?${query}`), 400, 'QUERY_MALFORMED');
      }
    });

    it('sets nothing that the body or the path sets', async () => {
      assert.deepEqual(await refused('POST', '/v1/testing/fail?code=5', {}), ['code FIELD_UNKNOWN']);
      assert.deepEqual(await refused('POST', '/v1/testing/things?thing.flag=true', {}), ['thing.flag FIELD_UNKNOWN']);
      assert.deepEqual(await refused('GET', '/v1/testing/things/a?thingId=b'), ['thingId FIELD_UNKNOWN']);
      assert.deepEqual(await received('POST', '/v1/testing/things?validate_only=true', {}), {
        thing: {},
        validateOnly: true,
      });
    });
  });

  describe('path', () => {
    it('sets fields, of messages too', async () => {
      assert.deepEqual(await received('PUT', '/v1/testing/things/a%20b', {}), { thing: { thingId: 'a b' } });
      assert.deepEqual(await received('PUT', '/v1/testing/things/a', { thing_id: 'a' }), { thing: { thingId: 'a' } });
      assert.deepEqual(await received('GET', '/v1/testing/shops/a/b%2Fc:product'), { name: 'a/b%2Fc' });
    });

    it('goes before the body, which may not contradict it', async () => {
      assert.deepEqual(await refused('PUT', '/v1/testing/things/a', { thingId: 'b' }), ['thingId FIELD_CONTRADICTED']);
    });

    it('obeys the rules', async () => {
      assert.deepEqual(await refused('PUT', '/v1/testing/things/A', {}), ['thingId STRING_PATTERN']);
      assert.deepEqual(await refused('GET', `/v1/testing/echo/${'a'.repeat(65)}`), ['text STRING_MAX_LEN']);
    });
  });

  describe('update mask', () => {
    const masks: readonly [body: object, mask: string | undefined][] = [
      [{ display_name: 'x' }, 'displayName'],
      [{ displayName: null, numbers: { small: 1, big: null } }, 'displayName,numbers.small,numbers.big'],
      [{ numbers: {} }, 'numbers'],
      [
        { labels: { ab: 'x' }, parts: [{ name: 'x' }], nickname: 'n', lifetime: '1s' },
        'labels,parts,nickname,lifetime',
      ],
      [{ extra: { a: 1 }, value: 5 }, 'extra,value'],
      [{ etag: 'v', createTime: '2026-01-31T12:00:00Z' }, ''],
    ];
    for (const [body, mask] of masks) {
      it(`follows from ${JSON.stringify(body)}`, async () => {
        assert.equal((await received('PATCH', '/v1/testing/things/a', body)).updateMask, mask);
      });
    }

    it('is the client’s own when the query has one', async () => {
      const got = await received('PATCH', '/v1/testing/things/a?update_mask=color,display_name', { flag: true });
      assert.equal(got.updateMask, 'color,displayName');
    });

    it('follows from no PUT', async () => {
      assert.equal((await received('PUT', '/v1/testing/things/a', { flag: true })).updateMask, undefined);
    });
  });

  it('refuses a body where the method takes none', async () => {
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await gateway.app.inject({ method, url: '/v1/testing/things/a', payload: { a: 1 } });
      assertProblem(answer, 400, 'BODY_NOT_ALLOWED');
    }
  });
});
