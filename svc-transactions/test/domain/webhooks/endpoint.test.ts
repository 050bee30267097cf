import assert from 'node:assert/strict';
import { DomainError } from '@malla/chassis/errors';
import { plus } from '../../../src/domain/clock.ts';
import { afterTurn, changedEndpoint, etagOf, newEndpoint } from '../../../src/domain/webhooks/endpoint.ts';

const NOW = new Date('2026-12-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const [FAILED, SUCCEEDED, GONE] = [
  { succeeded: false, gone: false, holdTime: NOW },
  { succeeded: true, gone: false, holdTime: NOW },
  { succeeded: false, gone: true, holdTime: NOW },
];

describe('A webhook endpoint', () => {
  const endpoint = newEndpoint('we_1', { kind: 'user', userId: 'usr_1' }, { url: 'https://x/', eventTypes: [] }, NOW);

  it('is disabled when nothing succeeded for five days, over ten turns', () => {
    let failing = endpoint;
    for (let turn = 0; turn < 30; turn += 1) failing = afterTurn(failing, FAILED, plus(NOW, turn * HOUR_MS));
    assert.equal(failing.disabledReason, '');
    assert.deepEqual(failing.failingSince, NOW);
    const disabled = afterTurn(failing, FAILED, plus(NOW, 120 * HOUR_MS));
    assert.deepEqual([disabled.disabledReason, disabled.version], ['FAILED_FOR_LONG', 2]);
  });

  it('is not disabled for a few failures that are far apart', () => {
    let failing = endpoint;
    for (let turn = 0; turn < 9; turn += 1) failing = afterTurn(failing, FAILED, plus(NOW, turn * 240 * HOUR_MS));
    assert.equal(failing.disabledReason, '');
  });

  it('starts afresh with a success', () => {
    const failing = afterTurn(endpoint, FAILED, NOW);
    assert.deepEqual([failing.failures, failing.failingSince], [1, NOW]);
    const well = afterTurn(failing, SUCCEEDED, NOW);
    assert.deepEqual([well.failures, well.failingSince], [0, null]);
  });

  it('is disabled at once when it says that it is gone, unless its owner has done so', () => {
    assert.equal(afterTurn(endpoint, GONE, NOW).disabledReason, 'GONE');
    const off = changedEndpoint(endpoint, { enabled: false }, '', NOW);
    assert.equal(afterTurn(off, GONE, NOW).disabledReason, 'BY_OWNER');
  });

  it('keeps the reason why it is disabled until it is enabled, which is a fresh start', () => {
    const gone = afterTurn(endpoint, GONE, NOW);
    assert.equal(changedEndpoint(gone, { enabled: false }, '', NOW).disabledReason, 'GONE');
    const enabled = changedEndpoint(gone, { enabled: true }, '', NOW);
    assert.deepEqual([enabled.disabledReason, enabled.failures, enabled.failingSince], ['', 0, null]);
    const moved = changedEndpoint(afterTurn(endpoint, FAILED, NOW), { url: 'https://y/' }, '', NOW);
    assert.deepEqual([moved.failures, moved.failingSince], [0, null]);
  });

  it('is changed by who knows how it is', () => {
    const changed = changedEndpoint(endpoint, { eventTypes: ['refund.created'] }, etagOf(endpoint), NOW);
    assert.notEqual(etagOf(changed), etagOf(endpoint));
    assert.throws(
      () => changedEndpoint(changed, { enabled: false }, etagOf(endpoint), NOW),
      (error) => error instanceof DomainError && error.reason === 'ETAG_MISMATCH',
    );
  });
});
