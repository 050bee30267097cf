import assert from 'node:assert/strict';
import { plus } from '../../src/domain/clock.ts';
import { currentKey, nextActivation, outlivedKeys, SigningKey } from '../../src/domain/signing-key.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-01-01T00:00:00.000Z');
const SCHEDULE = { rotationMs: 30 * DAY_MS, publishLeadMs: DAY_MS, retentionMs: DAY_MS };

describe('The schedule of signing keys', () => {
  it('makes a key that signs at once where there is none', () => {
    assert.deepEqual(nextActivation([], NOW, SCHEDULE), NOW);
  });

  it('makes the next key a day before it is due, and only one', () => {
    const first = key(1, NOW);
    assert.equal(nextActivation([first], plus(NOW, 29 * DAY_MS - 1), SCHEDULE), undefined);
    const due = nextActivation([first], plus(NOW, 29 * DAY_MS), SCHEDULE);
    assert.deepEqual(due, plus(NOW, 30 * DAY_MS));
    assert.equal(nextActivation([first, key(2, plus(NOW, 30 * DAY_MS))], plus(NOW, 29 * DAY_MS), SCHEDULE), undefined);
  });

  it('publishes the next key a day ahead also after a year without rotation', () => {
    const late = plus(NOW, 365 * DAY_MS);
    assert.deepEqual(nextActivation([key(1, NOW)], late, SCHEDULE), plus(late, DAY_MS));
  });

  it('signs with the newest of the keys that are active', () => {
    const keys = [key(1, NOW), key(2, plus(NOW, DAY_MS)), key(3, plus(NOW, 2 * DAY_MS))];
    assert.equal(currentKey(keys, plus(NOW, -1)), undefined);
    assert.equal(currentKey(keys, NOW)?.sequence, 1);
    assert.equal(currentKey(keys, plus(NOW, DAY_MS))?.sequence, 2);
    assert.equal(currentKey(keys.toReversed(), plus(NOW, 9 * DAY_MS))?.sequence, 3);
  });

  it('drops a key a day after the next one took over, and never the last', () => {
    const keys = [key(1, NOW), key(2, plus(NOW, DAY_MS))];
    assert.deepEqual(outlivedKeys(keys, plus(NOW, 2 * DAY_MS - 1), SCHEDULE), []);
    assert.deepEqual(outlivedKeys(keys, plus(NOW, 2 * DAY_MS), SCHEDULE), [keys[0]]);
    assert.deepEqual(outlivedKeys([key(1, NOW)], plus(NOW, 999 * DAY_MS), SCHEDULE), []);
  });
});

function key(sequence: number, activateTime: Date): SigningKey {
  const publicJwk = { kid: `${sequence}`, kty: 'EC', use: 'sig', alg: 'ES256', crv: 'P-256', x: '', y: '' };
  return new SigningKey(sequence, { publicJwk, encryptedPrivateJwk: '' }, activateTime, activateTime);
}
