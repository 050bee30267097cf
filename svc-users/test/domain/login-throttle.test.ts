import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import {
  ATTEMPTS_PER_ADDRESS_MAX,
  ATTEMPTS_PER_IDENTIFIER_MAX,
  type LoginAttempts,
  throttled,
} from '../../src/domain/login-throttle.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');
const wrong = async () => undefined;
const right = async () => 'right';

describe('The login throttle', () => {
  it('gives what the comparison gives', async () => {
    const attempts = inMemory();
    assert.equal(await attempt(attempts, wrong), undefined);
    assert.equal(await attempt(attempts, right), 'right');
  });

  it('does not compare after ten wrong passwords from an address', async () => {
    const attempts = inMemory();
    for (let tried = 0; tried < ATTEMPTS_PER_ADDRESS_MAX; tried += 1) await attempt(attempts, wrong);
    const never = () => assert.fail('compared');
    await assert.rejects(attempt(attempts, never), locked);
    assert.equal(await attempt(attempts, right, 'elsewhere'), 'right');
  });

  it('counts what it refuses for the address against the address alone', async () => {
    const attempts = inMemory();
    for (let tried = 0; tried < 500; tried += 1) await attempt(attempts, wrong).catch(() => undefined);
    assert.equal(attempts.counts.get('a@example.com'), ATTEMPTS_PER_ADDRESS_MAX);
  });

  it('does not compare after a hundred wrong passwords from many addresses', async () => {
    const attempts = inMemory();
    for (let tried = 0; tried < ATTEMPTS_PER_IDENTIFIER_MAX; tried += 1) await attempt(attempts, wrong, `${tried}`);
    await assert.rejects(attempt(attempts, right, 'another'), locked);
  });

  it('forgets the attempts after the right password', async () => {
    const attempts = inMemory();
    await attempt(attempts, wrong);
    await attempt(attempts, right);
    assert.equal(attempts.counts.get('a@example.com|here'), undefined);
  });

  it('gives back the attempt that was right, and not those of others, to the budget that all share', async () => {
    const attempts = inMemory();
    for (let tried = 0; tried < 5; tried += 1) await attempt(attempts, wrong, `${tried}`);
    await attempt(attempts, right);
    assert.equal(attempts.counts.get('a@example.com'), 5);
  });

  it('lets ten be compared from an origin that the owner has used, whatever others tried', async () => {
    const attempts = inMemory();
    for (let tried = 0; tried < ATTEMPTS_PER_IDENTIFIER_MAX; tried += 1) await attempt(attempts, wrong, `${tried}`);
    for (let tried = 0; tried < ATTEMPTS_PER_ADDRESS_MAX; tried += 1) await attempt(attempts, wrong, 'home', true);
    await assert.rejects(attempt(attempts, right, 'home', true), locked);
    assert.equal(await attempt(attempts, right, 'office', true), 'right');
    assert.equal(attempts.counts.get('a@example.com'), ATTEMPTS_PER_IDENTIFIER_MAX);
  });

  it('takes an attempt back that could not be compared, and throws why', async () => {
    const attempts = inMemory();
    const busy = async () => {
      throw new Error('busy');
    };
    await assert.rejects(attempt(attempts, busy), /busy/);
    assert.deepEqual([...attempts.counts.values()], [0, 0]);
  });
});

function attempt<Right>(
  attempts: LoginAttempts,
  compare: () => Promise<Right | undefined>,
  origin = 'here',
  known = false,
) {
  return throttled({ identifier: 'a@example.com', origin, known }, compare, attempts, NOW);
}

function locked(error: unknown): boolean {
  return error instanceof DomainError && error.reason === 'LOGIN_LOCKED' && error.details.retryAfterMs === 1_000;
}

function inMemory(): LoginAttempts & { counts: Map<string, number> } {
  const counts = new Map<string, number>();
  const add = (key: string, by: number) => {
    counts.set(key, (counts.get(key) ?? 0) + by);
    return counts.get(key) ?? 0;
  };
  return {
    counts,
    count: async (key) => add(key, 1),
    windowEndTime: async () => new Date(NOW.getTime() + 1_000),
    takeBack: async (keys) => keys.forEach((key) => void add(key, -1)),
    forget: async (keys) => keys.forEach((key) => void counts.delete(key)),
  };
}
