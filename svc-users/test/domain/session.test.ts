import assert from 'node:assert/strict';
import { plus } from '../../src/domain/clock.ts';
import { SESSION_AGE_MS_MAX, SESSION_IDLE_MS_MAX, Session } from '../../src/domain/session.ts';

const NOW = new Date('2026-01-01T00:00:00.000Z');

describe('A session', () => {
  it('lives until it was idle for thirty days', () => {
    const session = create();
    assert.equal(session.isLive(plus(NOW, SESSION_IDLE_MS_MAX - 1)), true);
    assert.equal(session.isLive(plus(NOW, SESSION_IDLE_MS_MAX)), false);
  });

  it('lives on with each use, but not beyond its greatest age', () => {
    const session = create();
    session.touch(plus(NOW, 1_000));
    assert.deepEqual(session.expireTime, plus(NOW, 1_000 + SESSION_IDLE_MS_MAX));
    session.touch(plus(NOW, SESSION_AGE_MS_MAX - 1));
    assert.deepEqual(session.expireTime, plus(NOW, SESSION_AGE_MS_MAX));
  });

  it('ends at once when it is revoked, and keeps the time of the first revocation', () => {
    const session = create();
    session.revoke(NOW);
    session.revoke(plus(NOW, 1));
    assert.equal(session.isLive(NOW), false);
    assert.equal(session.revokeTime, NOW);
  });

  it('keeps of a long origin what its columns hold', () => {
    const session = create({ address: 'a'.repeat(99), userAgent: 'u'.repeat(999) });
    assert.equal(session.ipAddress.length, 64);
    assert.equal(session.userAgent.length, 512);
  });
});

function create(origin = { address: '', userAgent: '' }): Session {
  return new Session('ses_1', 'usr_1', origin, NOW);
}
