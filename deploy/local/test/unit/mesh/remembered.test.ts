import assert from 'node:assert/strict';
import type { ProcessSpec } from '../../../src/mesh/processes.ts';
import { remember, rememberedOnly, withRemembered } from '../../../src/mesh/remembered.ts';
import { stateIn } from '../../../src/mesh/state.ts';
import { tempDir } from '../../temp-dir.ts';

const PROCESSES: readonly ProcessSpec[] = [{ name: 'svc-x', kind: 'service', port: 1, keys: [] }];

describe('the ports and settings of the last make up', () => {
  it('hold in a shell that sets none, and give way to what is set', () => {
    const state = stateIn(tempDir());
    const first = { SVC_X_PORT: '5000', SVC_X_METRICS_PORT: '5001', LOG_LEVEL: 'debug', HOME: '/home/ada' };
    remember(state, PROCESSES, withRemembered(state, PROCESSES, first));
    assert.deepEqual(withRemembered(state, PROCESSES, { HOME: '/' }), { ...first, HOME: '/' });
    assert.equal(withRemembered(state, PROCESSES, { SVC_X_PORT: '6000' }).SVC_X_PORT, '6000');
    assert.deepEqual(rememberedOnly(state, { LOG_LEVEL: 'info' }), ['SVC_X_PORT=5000', 'SVC_X_METRICS_PORT=5001']);
  });

  it('are forgotten when they are set to nothing', () => {
    const state = stateIn(tempDir());
    remember(state, PROCESSES, { SVC_X_PORT: '5000', LOG_LEVEL: 'debug' });
    const next = withRemembered(state, PROCESSES, { SVC_X_PORT: '' });
    assert.deepEqual(next, { LOG_LEVEL: 'debug' });
    remember(state, PROCESSES, next);
    assert.deepEqual(withRemembered(state, PROCESSES, {}), { LOG_LEVEL: 'debug' });
  });
});
