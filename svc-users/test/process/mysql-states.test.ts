import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { UsersClient } from '../support/client.ts';
import { createDatabase } from '../support/database.ts';
import { type HealthWatch, watchHealth } from '../support/health.ts';
import { createMysqld, type Mysqld, mysqldProgram, until } from '../support/mysqld.ts';
import { PASSWORD, startTestService, type TestService } from '../support/service.ts';
import { type Switch, startSwitch } from '../support/switch.ts';

const RECOVERY_MS_MAX = 30_000;
/** As many as a public call may have at once. */
const CONNECTIONS = 4;
/** More than the pool has places. */
const CALLS = 25;
const DEADLINE_MS = 4_000;
const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;

/** What is done to the server, and how it is undone. */
const STATES: readonly (readonly [name: string, begin: readonly string[], end: readonly string[]])[] = [
  ['is read-only', ['SET GLOBAL super_read_only = 1'], ['SET GLOBAL super_read_only = 0', 'SET GLOBAL read_only = 0']],
  ['is offline', ['SET GLOBAL offline_mode = 1'], ['SET GLOBAL offline_mode = 0']],
  [
    'has another password for the user',
    ["ALTER USER app IDENTIFIED BY 'other'"],
    ["ALTER USER app IDENTIFIED BY 'app'"],
  ],
  ['has locked the user', ['ALTER USER app ACCOUNT LOCK'], ['ALTER USER app ACCOUNT UNLOCK']],
];

const program = mysqldProgram;
if (program !== undefined) {
  describe('With a MySQL that', () => {
    let mysqld: Mysqld;
    let service: TestService;
    let between: Switch;
    let client: UsersClient;
    let health: HealthWatch;
    before(async () => {
      mysqld = await createMysqld(program);
      await mysqld.start();
      service = await startTestService();
      const shared = process.env.TEST_DATABASE_URL;
      process.env.TEST_DATABASE_URL = mysqld.url;
      const { url } = await createDatabase();
      process.env.TEST_DATABASE_URL = shared;
      const database = new URL(url);
      await mysqld.run("CREATE USER app IDENTIFIED BY 'app'", `GRANT ALL ON ${database.pathname.slice(1)}.* TO app`);
      between = await startSwitch(mysqld.port);
      [database.username, database.password, database.port] = ['app', 'app', String(between.port)];
      const replica = await service.startReplica({ DATABASE_URL: database.href });
      client = replica.client;
      health = await watchHealth(replica.port);
      await register();
    });
    after(async () => {
      health.stop();
      await service.stop();
      await between.close();
      await mysqld.remove();
    });

    for (const [name, begin, end] of STATES) {
      it(`${name}, calls are UNAVAILABLE, health says so, and writes go on by themselves`, async () => {
        await mysqld.run(...begin);
        await disconnect();
        await health.until('NOT_SERVING');
        await allFail(UNAVAILABLE);
        await mysqld.run(...end);
        await recovers();
      });
    }

    it('stops and starts, the same', async () => {
      await mysqld.stop();
      await health.until('NOT_SERVING');
      await allFail(UNAVAILABLE);
      await mysqld.start();
      await recovers();
    });

    it('is silent, calls end by their deadline, and writes go on by themselves', async () => {
      await Promise.all(Array.from({ length: CONNECTIONS }, register));
      between.loseAll();
      const calls = Array.from({ length: CALLS }, () => codeOf(register()));
      await health.until('NOT_SERVING');
      for (const code of await Promise.all(calls))
        assert.ok([UNAVAILABLE, DEADLINE_EXCEEDED].includes(code), String(code));
      between.leadTo(mysqld.port);
      await recovers();
    });

    it('is read-only behind the connections of now, while new ones lead to another, costs no restart', async () => {
      await mysqld.stop();
      const promoted = await mysqld.copy();
      await Promise.all([mysqld.start(), promoted.start()]);
      await recovers();
      await mysqld.run('SET GLOBAL super_read_only = 1');
      between.leadTo(promoted.port);
      await recovers();
      between.leadTo(mysqld.port);
      await mysqld.run('SET GLOBAL super_read_only = 0', 'SET GLOBAL read_only = 0');
      await promoted.remove();
    });

    const register = () =>
      client.registerUser(
        { email: `${randomUUID()}@example.com`, password: PASSWORD, displayName: 'Ana' },
        { timeoutMs: DEADLINE_MS },
      );

    /** Ends what the user is connected by: a server looks at most limits when somebody connects. */
    async function disconnect(): Promise<void> {
      const sessions = "SELECT id FROM information_schema.processlist WHERE user = 'app'";
      const rows = (await mysqld.run(sessions)) as { id: number }[];
      for (const { id } of rows) await mysqld.run(`KILL ${id}`).catch(() => undefined);
    }

    async function allFail(expected: number): Promise<void> {
      const codes = await Promise.all(Array.from({ length: CALLS }, () => codeOf(register())));
      assert.deepEqual(new Set(codes), new Set([expected]));
    }

    async function recovers(): Promise<void> {
      await until(register, RECOVERY_MS_MAX);
      await health.until('SERVING');
      await until(() => Promise.all(Array.from({ length: CONNECTIONS }, register)), RECOVERY_MS_MAX);
    }
  });
}

async function codeOf(call: Promise<unknown>): Promise<number> {
  return await call.then(
    () => 0,
    (error: { code: number }) => error.code,
  );
}
