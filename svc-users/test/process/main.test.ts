import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { mesh } from '@malla/chassis/testing/certificates';
import type { TestDatabase } from '@malla/chassis/testing/database';
import { as, closeClients, connect, type UsersClient } from '../support/client.ts';
import { createDatabase, createEmptyDatabase } from '../support/database.ts';
import { watchHealth } from '../support/health.ts';
import { type RunningProcess, run } from '../support/process.ts';
import { certificateFiles, PASSWORD } from '../support/service.ts';

const MAIN = 'src/main.ts';
const MIGRATE = 'src/migrate.ts';
const MIGRATIONS = ['2026-11-24-users', '2026-11-30-permissions', '2026-12-07-known-origins', '2026-12-08-takeovers'];

describe('The process', () => {
  let database: TestDatabase;
  let env: Record<string, string>;
  let running: RunningProcess[] = [];
  before(async () => {
    database = await createDatabase();
    env = {
      GRPC_PORT: '0',
      DATABASE_URL: database.url,
      ...(await certificateFiles()),
      TOKEN_ISSUER: 'https://users.test',
      TOKEN_AUDIENCE: 'https://api.test',
      KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    };
  });
  afterEach(() => {
    for (const { process } of running) process.kill('SIGKILL');
    running = [];
    closeClients();
  });
  after(() => database.drop());

  it('starts, says that it serves, and exits 0 at SIGTERM', async () => {
    const started = start();
    await started.entry('serving');
    started.process.kill('SIGTERM');
    assert.equal((await started.ended()).code, 0);
  });

  it('answers every call that runs when SIGTERM comes, and exits 0', async () => {
    const started = start();
    const client = await clientOf(started);
    await register(client);
    const calls = Array.from({ length: 20 }, () => register(client));
    await Promise.race(calls);
    started.process.kill('SIGTERM');
    await Promise.all(calls);
    assert.equal((await started.ended()).code, 0);
    await assert.rejects(register(client), { code: 14 });
  });

  it('writes nothing but JSON lines, and neither a password nor a token', async () => {
    const started = start();
    const client = await clientOf(started);
    const { accessToken, refreshToken } = await register(client);
    started.process.kill('SIGTERM');
    const { output } = await started.ended();
    for (const line of output.split('\n')) JSON.parse(line);
    for (const secret of [
      PASSWORD,
      accessToken,
      refreshToken,
      env.KEY_ENCRYPTION_KEY,
      new URL(database.url).password,
    ]) {
      assert.ok(secret && !output.includes(`${secret}`));
    }
  });

  it('keeps times in UTC, whatever the time zone of the machine', async () => {
    const client = await clientOf(start({ TZ: 'America/Mexico_City' }));
    const { accessToken } = await register(client);
    const { user } = await client.getProfile({}, as(accessToken));
    assert.ok(Math.abs(Date.now() - Number(user?.createTime)) < 60_000, String(user?.createTime));
  });

  it('exits 1 for a bad configuration, with a line that names every bad variable and none of their values', async () => {
    const bad = { GRPC_PORT: '-1', KEY_ENCRYPTION_KEY: 'a-short-secret', TOKEN_ISSUER: '', LOG_LEVEL: 'loud' };
    const { code, output } = await start(bad).ended();
    assert.equal(code, 1);
    for (const name of Object.keys(bad)) assert.ok(output.includes(name), name);
    assert.ok(!output.includes('a-short-secret'));
  });

  it('exits 1 when its port is taken, its certificate cannot be read or its database has no tables', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as { port: number }).port);
    const empty = await createEmptyDatabase();
    const starts = [
      start({ GRPC_PORT: port }),
      start({ TLS_CERT_FILE: 'no-such-file' }),
      start({ DATABASE_URL: empty.url }),
    ];
    const ends = await Promise.all(starts.map((started) => started.ended()));
    assert.deepEqual(
      ends.map(({ code }) => code),
      [1, 1, 1],
    );
    const said = [/EADDRINUSE|No address added/, /ENOENT/, /ER_NO_SUCH_TABLE/];
    for (const [index, { output }] of ends.entries()) assert.match(output, said[index] ?? /never/);
    server.close();
    await empty.drop();
  });

  it('exits 1 with a clear line when the key-encryption key is not the one of the database', async () => {
    const started = start();
    await started.entry('serving');
    const { code, output } = await start({ KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') }).ended();
    assert.equal(code, 1);
    assert.match(output, /KEY_ENCRYPTION_KEY does not open the signing keys/);
  });

  it('starts without its database, says NOT_SERVING, and exits 0 at SIGTERM', async () => {
    const started = start({ DATABASE_URL: 'mysql://nobody:a-secret@127.0.0.1:1/nothing' });
    const { port } = await started.entry('listening');
    const health = await watchHealth(Number(port));
    await health.until('NOT_SERVING');
    health.stop();
    started.process.kill('SIGTERM');
    const { code, output } = await started.ended();
    assert.equal(code, 0);
    assert.ok(!output.includes('a-secret'));
  });

  it('migrates as a process of its own: exits 0, also again, and 1 when it cannot', async () => {
    const empty = await createEmptyDatabase();
    for (const names of [MIGRATIONS, []]) {
      const { code, output } = await run(MIGRATE, { DATABASE_URL: empty.url }).ended();
      assert.equal(code, 0);
      assert.deepEqual(JSON.parse(output).migrations, names);
    }
    const failed = await run(MIGRATE, { DATABASE_URL: 'mysql://root:a-secret@127.0.0.1:1/nothing' }).ended();
    assert.equal(failed.code, 1);
    assert.ok(!failed.output.includes('a-secret'));
    await empty.drop();
  });

  function start(changes: Readonly<Record<string, string>> = {}): RunningProcess {
    const started = run(MAIN, { ...env, ...changes });
    running.push(started);
    return started;
  }

  async function clientOf(started: RunningProcess): Promise<UsersClient> {
    const { port } = await started.entry('listening');
    return connect(Number(port), await (await mesh).issue('edge-gateway'));
  }
});

function register(client: UsersClient) {
  return client.registerUser({ email: `${randomUUID()}@example.com`, password: PASSWORD, displayName: 'Ana' });
}
