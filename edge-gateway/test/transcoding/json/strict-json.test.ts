import assert from 'node:assert/strict';
import { TranscodingError } from '../../../src/transcoding/faults.ts';
import { parseStrictJson } from '../../../src/transcoding/json/strict-json.ts';

function parse(text: string | Buffer) {
  return parseStrictJson(Buffer.from(text as string));
}

describe('parseStrictJson', () => {
  it('reads what JSON allows', () => {
    const text = ' {"a":[1,-2.5e3,true,null,"\\u00e9\\n\\"\\\\"],"b":{"a":"ü😀"},"\\ud83d\\ude00":{}} ';
    assert.deepEqual(parse(text), { value: JSON.parse(text), inexact: undefined });
  });

  it('takes the same name in different objects', () => {
    assert.deepEqual(parse('[{"a":1},{"a":{"a":2}}]').value, [{ a: 1 }, { a: { a: 2 } }]);
  });

  it('tells of integers that a double does not hold', () => {
    for (const [text, inexact] of [
      ['9007199254740991', false],
      ['9007199254740992', false],
      ['9007199254740993', true],
      ['-9223372036854775808', false],
      ['9223372036854775807', true],
      ['1e300', true],
      ['0.1', false],
      ['"9007199254740993"', false],
    ] as const) {
      assert.deepEqual(parse(text).inexact, inexact ? new Set([Number(text)]) : undefined, text);
    }
  });

  it('reads 100 levels', () => {
    parse(`${'['.repeat(100)}${']'.repeat(100)}`);
  });

  const refused: readonly [string | Buffer, string][] = [
    ['', 'JSON_MALFORMED'],
    ['{', 'JSON_MALFORMED'],
    ['{}x', 'JSON_MALFORMED'],
    ['{} {}', 'JSON_MALFORMED'],
    ["{'a':1}", 'JSON_MALFORMED'],
    ['{a:1}', 'JSON_MALFORMED'],
    ['[1,]', 'JSON_MALFORMED'],
    ['[01]', 'JSON_MALFORMED'],
    ['[+1]', 'JSON_MALFORMED'],
    ['[.5]', 'JSON_MALFORMED'],
    ['[NaN]', 'JSON_MALFORMED'],
    ['[Infinity]', 'JSON_MALFORMED'],
    ['["\t"]', 'JSON_MALFORMED'],
    ['["\\x41"]', 'JSON_MALFORMED'],
    ['undefined', 'JSON_MALFORMED'],
    ['/* */{}', 'JSON_MALFORMED'],
    ['{"a":1,"a":1}', 'JSON_DUPLICATE_NAME'],
    ['{"a":1,"\\u0061":1}', 'JSON_DUPLICATE_NAME'],
    ['[{"b":{"x":1,"y":{},"x":2}}]', 'JSON_DUPLICATE_NAME'],
    ['{"__proto__":{}}', 'JSON_FORBIDDEN_NAME'],
    ['{"a":[{"__proto__":1}]}', 'JSON_FORBIDDEN_NAME'],
    ['{"\\u005f_proto__":{}}', 'JSON_FORBIDDEN_NAME'],
    ['{"constructor":{"prototype":{}}}', 'JSON_FORBIDDEN_NAME'],
    ['["\\ud800"]', 'JSON_LONE_SURROGATE'],
    ['["\\udc00\\ud800"]', 'JSON_LONE_SURROGATE'],
    ['{"\\ud800":1}', 'JSON_LONE_SURROGATE'],
    ['[1e400]', 'JSON_NUMBER_OUT_OF_RANGE'],
    ['[-1e400]', 'JSON_NUMBER_OUT_OF_RANGE'],
    [`[${'9'.repeat(400)}]`, 'JSON_NUMBER_OUT_OF_RANGE'],
    [`${'['.repeat(101)}${']'.repeat(101)}`, 'JSON_TOO_DEEP'],
    [`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`, 'JSON_TOO_DEEP'],
    [`${'['.repeat(500_000)}`, 'JSON_TOO_DEEP'],
    [`[${'0,'.repeat(1_000)}0]`, 'JSON_ARRAY_TOO_LONG'],
    [`{${Array.from({ length: 1_001 }, (_, at) => `"${at}":0`).join()}}`, 'JSON_OBJECT_TOO_LARGE'],
    [`[${Array.from({ length: 900 }, () => `[${'0,'.repeat(40)}0]`).join()}]`, 'JSON_TOO_MANY_VALUES'],
    ['["', 'JSON_MALFORMED'],
    [`["\\x",${'0,'.repeat(1_000)}0]`, 'JSON_MALFORMED'],
    ['\ufeff{}', 'JSON_BYTE_ORDER_MARK'],
    [Buffer.from([0x22, 0xff, 0x22]), 'JSON_NOT_UTF8'],
    [Buffer.from([0x22, 0xc0, 0x80, 0x22]), 'JSON_NOT_UTF8'],
    [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'JSON_NOT_UTF8'],
    [Buffer.from('{}', 'utf16le'), 'JSON_MALFORMED'],
  ];
  for (const [text, reason] of refused) {
    it(`refuses ${JSON.stringify(String(text)).slice(0, 40)} with ${reason}`, () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof TranscodingError);
          assert.equal(error.reason, reason);
          return true;
        },
      );
    });
  }

  it('says where the JSON breaks, and nothing of what it holds', () => {
    assert.throws(() => parse('{"password":"secret-1",\n x}'), { message: 'The JSON is malformed (line 2 column 2).' });
  });
});
