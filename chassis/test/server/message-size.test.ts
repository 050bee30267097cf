import assert from 'node:assert/strict';
import { create, type DescMessage, toBinary } from '@bufbuild/protobuf';
import { EchoTreeRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { CheckRulesRequest } from '@malla/proto/malla/testing/v1/rules_service';
import { testingContract } from '@malla/proto/testing';
import type { DomainError } from '../../src/lib/errors.ts';
import { FAULTS_MAX } from '../../src/validation/rule-text.ts';
import { createMessageValidator } from '../../src/validation/validation.ts';

const contract = testingContract();
const validate = createMessageValidator(contract);
const VALID = { choice: { pick: { $case: 'text', value: 'a' } }, least: 0.5 } as const;

describe('messages that are larger than their rules allow', () => {
  it('are refused by the size of a list, without a look at what is in it', () => {
    const tags = Array.from({ length: 200_000 }, () => '');
    const bytes = CheckRulesRequest.encode(CheckRulesRequest.fromPartial({ ...VALID, tags })).finish();
    const { faults, ms } = refusal('CheckRulesRequest', bytes);
    assert.deepEqual(faults, ['tags REPEATED_MAX_ITEMS must have at most 4 items']);

    assert.ok(ms < 100, `${ms} ms`);
  });

  it('are refused by the size of a map', () => {
    const limits = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, 0]));
    const bytes = CheckRulesRequest.encode(CheckRulesRequest.fromPartial({ ...VALID, limits })).finish();
    assert.deepEqual(refusal('CheckRulesRequest', bytes).faults, ['limits MAP_MAX_PAIRS must have at most 2 items']);
  });

  it('are refused by the size of a text, however deep it is', () => {
    const child = { texts: ['ok', 'x'.repeat(1_000_000)] };
    const bytes = EchoTreeRequest.encode(EchoTreeRequest.fromPartial({ child: { child } })).finish();
    const { faults, ms } = refusal('EchoTreeRequest', bytes);
    assert.deepEqual(faults, ['child.child.texts[1] STRING_MAX_LEN must have at most 8 characters']);

    assert.ok(ms < 50, `${ms} ms`);
  });

  it('are refused by how many values they have in all, also of fields that nobody knows', () => {
    const unknown = Buffer.concat(Array.from({ length: 500_000 }, () => Buffer.from('f80101', 'hex')));
    const groups = Buffer.from('fb01'.repeat(500_000), 'hex');
    for (const bytes of [unknown, groups]) {
      const { faults, ms } = refusal('CheckRulesRequest', bytes);
      assert.deepEqual(faults, [' MESSAGE_TOO_LARGE must have at most 100000 values in all']);

      assert.ok(ms < 100, `${ms} ms`);
    }
  });

  it('are refused where a message that stands there once comes again and again', () => {
    const part = Buffer.from('1200', 'hex'); // An empty child.
    const { faults } = refusal('EchoTreeRequest', Buffer.concat(Array.from({ length: 200_000 }, () => part)));
    assert.deepEqual(faults, [' MESSAGE_TOO_LARGE must have at most 100000 values in all']);
  });

  it('are checked for what else is wrong up to a bound', () => {
    const texts = Array.from({ length: 9_000 }, () => 'x'.repeat(9));
    const bytes = EchoTreeRequest.encode(EchoTreeRequest.fromPartial({ texts, word: '1' })).finish();
    const { faults, ms } = refusal('EchoTreeRequest', bytes);
    assert.equal(faults.length, FAULTS_MAX);
    assert.equal(faults[0], 'texts[0] STRING_MAX_LEN must have at most 8 characters');

    assert.ok(ms < 100, `${ms} ms`);
  });
});

describe('a message with one fault behind many values without any', () => {
  it('is refused for that fault', () => {
    const texts = Array.from({ length: 2_000 }, (_, at) => (at === 1_999 ? 'x'.repeat(9) : 'x'));
    const bytes = EchoTreeRequest.encode(EchoTreeRequest.fromPartial({ texts })).finish();
    assert.deepEqual(refusal('EchoTreeRequest', bytes).faults, [
      'texts[1999] STRING_MAX_LEN must have at most 8 characters',
    ]);
  });

  it('is taken with lists, maps and texts of the longest that may be', () => {
    const most = { tags: ['äö', '🧢🧢', 'ab', 'cd'], limits: { a: 1, b: 2 } };
    validate(
      typeOf('CheckRulesRequest'),
      CheckRulesRequest.encode(CheckRulesRequest.fromPartial({ ...VALID, ...most })).finish(),
    );
    const texts = Array.from({ length: 9_000 }, () => '🧢'.repeat(8));
    validate(
      typeOf('EchoTreeRequest'),
      EchoTreeRequest.encode(EchoTreeRequest.fromPartial({ texts, word: 'a' })).finish(),
    );
  });
});

describe('what a service says of a broken rule', () => {
  const cases: [Record<string, unknown>, string[]][] = [
    [{ tags: ['a'] }, ['tags[0] STRING_MIN_LEN must have at least 2 characters']],
    [{ word: 'x' }, ['word STRING_CONST must be abc']],
    [{ limits: { a: 0 } }, ['limits["a"] INT32_GT must be more than 0']],
  ];
  for (const [init, faults] of cases) {
    it(`is in words: ${faults.join()}`, () => {
      const type = typeOf('CheckRulesRequest');
      const choice = { pick: { case: 'text', value: 'a' } };
      const bytes = toBinary(type, create(type, { least: 0.5, choice, ...init }));
      assert.deepEqual(refusal('CheckRulesRequest', bytes).faults, faults);
    });
  }

  it('names the members of a oneof of which one is needed', () => {
    const bytes = CheckRulesRequest.encode(CheckRulesRequest.fromPartial({ choice: {} })).finish();
    assert.deepEqual(refusal('CheckRulesRequest', bytes).faults, ['choice.pick REQUIRED needs one of text, number']);
  });
});

/** What work takes of this thread, however busy the machine is. */
function cpuMs(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

function typeOf(name: string): DescMessage {
  const type = contract.registry.getMessage(`malla.testing.v1.${name}`);
  assert.ok(type);
  return type;
}

function refusal(name: string, bytes: Uint8Array): { faults: string[]; ms: number } {
  const type = typeOf(name);
  try {
    validate(type, bytes);
  } catch (error) {
    const ms = Math.min(...[1, 2, 3].map(() => cpuMs(() => assert.throws(() => validate(type, bytes)))));
    const { details } = error as DomainError;
    return { faults: (details.fields ?? []).map((one) => `${one.field} ${one.reason} ${one.description}`), ms };
  }
  throw new Error('the message was taken');
}
