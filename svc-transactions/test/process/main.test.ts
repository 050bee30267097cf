import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { migrate } from '../../src/data/migrate.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { environmentOf, kill, startProcess } from '../support/processes.ts';
import { startTestService, type TestService } from '../support/service.ts';

describe('The processes', () => {
  let service: TestService;
  before(async () => {
    service = await startTestService();
  });
  after(() => service.stop());

  it('serve, and exit 0 at SIGTERM', async () => {
    const sandbox = { SANDBOX_PORT: '0', SANDBOX_DATABASE_FILE: service.sandbox.secondDatabaseFile };
    const started = await Promise.all([
      startProcess('src/main.ts', environment()),
      startProcess('src/sandbox/main.ts', { ...environment(), ...sandbox }),
    ]);
    for (const one of started) {
      const gone = once(one.process, 'exit');
      one.process.kill('SIGTERM');
      assert.deepEqual(await gone, [0, null]);
      await kill(one);
    }
  });

  it('name every bad variable, show no value, and exit 1', async () => {
    const bad = { SANDBOX_API_KEY: 'a-secret', TAX_BASIS_POINTS: '{"standard": 20000}', FEE_BASIS_POINTS: '-1' };
    const { code, output } = await run('src/main.ts', { ...environment(), ...bad });
    assert.equal(code, 1);
    for (const name of Object.keys(bad)) assert.match(output, new RegExp(name));
    assert.ok(!output.includes('a-secret'));
    const { SANDBOX_URL: _url, SANDBOX_API_KEY: _key, SANDBOX_WEBHOOK_SECRET: _secret, ...others } = environment();
    const stripe = await run('src/main.ts', {
      ...others,
      PAYMENT_PROVIDER: 'stripe',
      STRIPE_API_KEY: 'pk_test_public1',
    });
    assert.equal(stripe.code, 1);
    for (const name of ['STRIPE_API_KEY', 'STRIPE_WEBHOOK_SECRET', 'STRIPE_RETURN_URL']) {
      assert.match(stripe.output, new RegExp(name));
    }
    assert.ok(!/SANDBOX_|pk_test_public1/.test(stripe.output));
    assert.match((await run('src/main.ts', { ...others, PAYMENT_PROVIDER: 'paypal' })).output, /PAYMENT_PROVIDER/);
    const nothing = await run('src/sandbox/main.ts', {});
    assert.equal(nothing.code, 1);
    assert.match(nothing.output, /SANDBOX_WEBHOOK_SECRET/);
  });

  it('migrate: exit 0, also again', async () => {
    const database = await createEmptyDatabase();
    for (let round = 0; round < 2; round += 1) {
      assert.equal((await run('src/migrate.ts', { DATABASE_URL: database.url })).code, 0);
    }
    assert.deepEqual(await migrate(database.url), []);
    await database.drop();
  });

  function environment(): Record<string, string> {
    return { ...environmentOf(service.config), SANDBOX_WEBHOOK_URL: service.sandbox.edgeUrl };
  }

  async function run(script: string, env: Readonly<Record<string, string>>) {
    const { PATH, NODE_COMPILE_CACHE } = process.env;
    const child = spawn(process.execPath, [script], { env: { PATH, NODE_COMPILE_CACHE, ...env } });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return { code: code as number, output };
  }
});
