import assert from 'node:assert/strict';
import { plus } from '../../src/domain/clock.ts';
import {
  firstRefreshToken,
  hashRefreshToken,
  nextRefreshToken,
  REUSE_GRACE_MS,
  successorOf,
} from '../../src/domain/refresh-token.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');

describe('A refresh token', () => {
  it('is made again by its predecessor and its salt together, and by neither alone', () => {
    const first = firstRefreshToken('ses_1', NOW);
    const second = nextRefreshToken(first.token, 'ses_1', NOW);
    const salt = second.stored.salt ?? assert.fail('no salt');
    assert.equal(successorOf(first.token, salt), second.token);
    assert.notEqual(successorOf('mrt_other', salt), second.token);
    assert.notEqual(nextRefreshToken(first.token, 'ses_1', NOW).token, second.token);
    assert.deepEqual(second.stored.hash, hashRefreshToken(second.token));
  });

  it('of a new session has no salt: nothing made it', () => {
    assert.equal(firstRefreshToken('ses_1', NOW).stored.salt, null);
    assert.notEqual(firstRefreshToken('ses_1', NOW).token, firstRefreshToken('ses_1', NOW).token);
  });

  it('forgets its salt when it is used', () => {
    const { token } = firstRefreshToken('ses_1', NOW);
    const { stored } = nextRefreshToken(token, 'ses_1', NOW);
    const successor = nextRefreshToken('mrt_x', 'ses_1', NOW).stored;
    stored.exchangeFor(successor, NOW);
    assert.equal(stored.salt, null);
    assert.equal(stored.useTime, NOW);
    assert.equal(stored.successorHash, successor.hash);
  });

  it('is in its grace from its use until ten seconds after', () => {
    const { stored } = firstRefreshToken('ses_1', NOW);
    assert.equal(stored.isInGrace(NOW), false);
    stored.exchangeFor(stored, NOW);
    assert.equal(stored.isInGrace(plus(NOW, REUSE_GRACE_MS)), true);
    assert.equal(stored.isInGrace(plus(NOW, REUSE_GRACE_MS + 1)), false);
  });
});
