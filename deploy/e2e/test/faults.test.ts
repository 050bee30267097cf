import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { call, PASSWORD, registerSomebody } from '../support/http.ts';
import { allLogs } from '../support/logs.ts';
import { cli } from '../support/mesh.ts';

const run = promisify(execFile);

/** Asks until the answer has the status, at most 20 seconds. */
async function until(path: string, status: number, token?: string) {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const answer = await call('GET', path, token === undefined ? {} : { token });
    if (answer.status === status) return answer;
    assert.ok(Date.now() < deadline, `${path} still answers ${answer.status}`);
    await sleep(100);
  }
}

describe('a service that dies', () => {
  it('is a 503 with problem details meanwhile, and is back by itself once it was restarted', async () => {
    const { accessToken: token } = await registerSomebody();
    await run(cli, ['kill', 'svc-users']);
    const away = await call('GET', '/v1/users/me', { token });
    assert.equal(away.status, 503, JSON.stringify(away.body));
    assert.match(String(away.headers['content-type']), /^application\/problem\+json/);
    // The gateway still serves the rest, and says what is away.
    const ready = await until('/readyz', 200);
    assert.match(JSON.stringify(ready.body), /"svc-users":"(UNREACHABLE|NOT_SERVING)"/);
    assert.equal((await call('GET', '/healthz')).status, 200);

    await run(cli, ['restart', 'svc-users']);
    assert.match(JSON.stringify((await call('GET', '/readyz')).body), /"svc-users":"SERVING"/);
    assert.equal((await call('GET', '/v1/users/me', { token })).status, 200);
    // Another service finds svc-users, and so the keys of the token, within its own back-off.
    await until('/v1/transactions/purchases', 200, token);
  });
});

describe('the logs', () => {
  it('hold one request under one id in every process it crossed, and none of its secrets', async () => {
    const requestId = `e2e-${Date.now()}`;
    const { accessToken, refreshToken, email } = await registerSomebody();
    await call('GET', '/v1/users/me', { token: accessToken, headers: { 'x-request-id': requestId } });
    await call('POST', '/v1/users/login', { body: { email, password: `${PASSWORD}x` } });
    const deadline = Date.now() + 5_000;
    const lines = () =>
      allLogs()
        .split('\n')
        .filter((line) => line.includes(requestId));
    while (new Set(lines().map((line) => JSON.parse(line).service)).size < 2 && Date.now() < deadline) await sleep(50);
    assert.deepEqual([...new Set(lines().map((line) => JSON.parse(line).service))].sort(), [
      'edge-gateway',
      'svc-users',
    ]);
    for (const secret of [PASSWORD, accessToken, refreshToken]) assert.ok(!allLogs().includes(secret));
  });
});
