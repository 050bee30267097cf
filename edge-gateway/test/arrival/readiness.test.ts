import assert from 'node:assert/strict';
import { gatewayForThisTest } from '../support/gateway.ts';
import { assertProblem } from '../support/problems.ts';

describe('readiness', () => {
  it('is lost only with the last upstream that serves', async () => {
    const gateway = await gatewayForThisTest();
    gateway.testing.health.setStatus('', 'NOT_SERVING');
    const ready = await gateway.app.inject('/readyz');
    assert.equal(ready.statusCode, 200);
    assert.deepEqual(ready.json().upstreams, { 'svc-testing': 'NOT_SERVING', 'svc-users': 'SERVING' });
    await gateway.users.stop();
    // An answer is good for a moment, so that probes do not multiply.
    await new Promise((resolve) => setTimeout(resolve, 600));
    const problem = assertProblem(await gateway.app.inject('/readyz'), 503, 'UPSTREAMS_DOWN');
    assert.deepEqual(
      problem.errors?.map(({ field, reason }) => [field, reason]),
      [
        ['svc-testing', 'NOT_SERVING'],
        ['svc-users', 'UNREACHABLE'],
      ],
    );
    assert.equal((await gateway.app.inject('/healthz')).statusCode, 200);
    gateway.drain.start();
    assertProblem(await gateway.app.inject('/readyz'), 503, 'DRAINING');
  });
});
