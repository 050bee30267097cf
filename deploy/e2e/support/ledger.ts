import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { call, PASSWORD, registerSomebody } from './http.ts';
import { cli } from './mesh.ts';
import { ok } from './shop.ts';

const run = promisify(execFile);
let email = '';

/**
 * Expects the mesh's ledger to add up after each test, whether the test moved money or not: none can forget it. An operator
 * asks for it, whose permission is granted once, and who logs in each time, since some tests take longer than a token lasts.
 */
export const mochaHooks = {
  beforeAll: async () => {
    ({ email } = await registerSomebody());
    await run(cli, ['job', 'svc-users', 'grant', '--unverified', email, 'ledger:verify']);
  },
  afterEach: async () => {
    const login = ok(await call('POST', '/v1/users/login', { body: { email, password: PASSWORD } }));
    const token = String(login.access_token);
    const { faults } = ok(await call('POST', '/v1/transactions/ledger:verify', { token, body: {} }));
    assert.deepEqual(faults, []);
  },
};
