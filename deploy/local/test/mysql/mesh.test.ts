import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { readEnvFile } from '../../src/mesh/env-files.ts';
import { type MeshOptions, startMesh } from '../../src/mesh/mesh.ts';
import { allRunning, findRunning } from '../../src/mesh/pid-files.ts';
import { findFreePort, isFree } from '../../src/mesh/ports.ts';
import type { ProcessSpec } from '../../src/mesh/processes.ts';
import { stateIn } from '../../src/mesh/state.ts';
import { stopMesh } from '../../src/mesh/stop-mesh.ts';
import { killRunning } from '../../src/mesh/supervise.ts';
import { tempDir } from '../temp-dir.ts';

const PROCESSES: readonly ProcessSpec[] = [
  { name: 'svc-fake', kind: 'service', port: 0, keys: ['A_KEY'] },
  { name: 'fake-sandbox', kind: 'sandbox', port: 0, of: 'svc-fake', keys: ['A_KEY'] },
  { name: 'fake-gateway', kind: 'gateway', port: 0, keys: [] },
];
const NAMES = ['fake-gateway', 'fake-sandbox', 'svc-fake', 'svc-fake-mysql'];
const root = join(import.meta.dirname, '../fixtures/mesh');
const toolsDir = join(import.meta.dirname, '../../../../.tools');

const newMesh = async (): Promise<MeshOptions> => {
  const ports = new Map<string, number>();
  for (const { name } of PROCESSES) ports.set(name, await findFreePort());
  const { signal } = new AbortController();
  return {
    root,
    toolsDir,
    state: stateIn(tempDir()),
    processes: PROCESSES,
    ports,
    env: process.env,
    durable: false,
    signal,
  };
};

const saying = (mesh: MeshOptions, level: string): MeshOptions => ({
  ...mesh,
  env: { ...process.env, LOG_LEVEL: level },
});
const pids = (mesh: MeshOptions) => new Map(allRunning(mesh.state).map(({ name, pid }) => [name, pid]));

/** How often the service was migrated, as its database says. */
const countMigrations = async (mesh: MeshOptions): Promise<number> => {
  const connection = await createConnection(readEnvFile(mesh.state.envFile('svc-fake')).DATABASE_URL ?? '');
  const [[row]] = await connection.query<import('mysql2').RowDataPacket[]>('SELECT COUNT(*) AS count FROM starts');
  await connection.end();
  return row?.count;
};

describe('startMesh', () => {
  let mesh: MeshOptions;
  beforeEach(async () => {
    mesh = await newMesh();
  });
  afterEach(async () => {
    await killRunning(mesh.state, 'svc-fake-mysql');
    await stopMesh(mesh.state, PROCESSES);
    assert.deepEqual(allRunning(mesh.state), []);
    for (const port of mesh.ports.values()) assert.equal(await isFree(port), true);
    rmSync(mesh.state.dir, { recursive: true, force: true });
  });

  it('starts everything, and finds everything running the second time', async () => {
    assert.deepEqual((await startMesh(mesh)).sort(), NAMES);
    const before = pids(mesh);
    assert.deepEqual(await startMesh(mesh), []);
    assert.deepEqual(pids(mesh), before);
    assert.equal(await countMigrations(mesh), 1);
  });

  it('starts only what is missing, and keeps the data', async () => {
    await startMesh(mesh);
    await killRunning(mesh.state, 'svc-fake');
    assert.deepEqual(await startMesh(mesh), ['svc-fake']);
    await stopMesh(mesh.state, PROCESSES);
    await startMesh(mesh);
    assert.equal(await countMigrations(mesh), 3);
  });

  it('starts a process again when its settings changed', async () => {
    await startMesh(mesh);
    const before = pids(mesh);
    const started = await startMesh(saying(mesh, 'debug'));
    assert.deepEqual(started.sort(), ['fake-gateway', 'fake-sandbox', 'svc-fake']);
    assert.equal(pids(mesh).get('svc-fake-mysql'), before.get('svc-fake-mysql'));
  });

  it('starts a process again when its code changed', async () => {
    const copied = { ...mesh, root: tempDir() };
    cpSync(root, copied.root, { recursive: true });
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(copied.root, 'node_modules'));
    await startMesh(copied);
    const source = join(copied.root, 'svc-fake/src');
    mkdirSync(source, { recursive: true });
    writeFileSync(join(source, 'added.ts'), 'export const added = true;\n');
    assert.deepEqual((await startMesh(copied)).sort(), ['fake-sandbox', 'svc-fake']);
  });

  it('says why a service crashed, and stops the rest', async () => {
    const crash = startMesh(saying(mesh, 'crash'));
    await assert.rejects(crash, /^Error: svc-fake crashed at start: the key is not valid \(log: .*svc-fake\.log\)$/);
    assert.deepEqual(allRunning(mesh.state), []);
  });

  it('says why a migration failed, and stops the rest', async () => {
    await assert.rejects(
      startMesh(saying(mesh, 'bad-migration')),
      /^Error: svc-fake: npm run migrate failed: .*table 'x' exists/,
    );
    assert.deepEqual(allRunning(mesh.state), []);
  });

  it('names the process and the variable when a port is taken, before it starts anything', async () => {
    const port = mesh.ports.get('fake-gateway');
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await assert.rejects(
      startMesh(mesh),
      new RegExp(`^Error: port ${port} of fake-gateway is in use .* set FAKE_GATEWAY_PORT$`),
    );
    assert.equal(existsSync(mesh.state.pidFile('svc-fake-mysql')), false);
    other.close();
    await once(other, 'close');
  });

  it('names all ports that are taken, and those that two processes were given', async () => {
    const [one, two] = [mesh.ports.get('svc-fake'), mesh.ports.get('fake-gateway')];
    const others = [one, two].map((port) => createServer().listen(port, '127.0.0.1'));
    await Promise.all(others.map((other) => once(other, 'listening')));
    const twice = new Map([...mesh.ports, ['fake-sandbox', one ?? 0]]);
    await assert.rejects(startMesh({ ...mesh, ports: twice }), (error: Error) => {
      assert.match(
        error.message,
        new RegExp(`port ${one} of svc-fake is in use .*; port ${one} is both svc-fake's and`),
      );
      assert.match(error.message, new RegExp(`; port ${two} of fake-gateway is in use`));
      return true;
    });
    for (const other of others) other.close();
  });

  it('goes on with what runs when settings or code cannot take its place', async () => {
    await startMesh(mesh);
    const [before, env] = [pids(mesh), readEnvFile(mesh.state.envFile('svc-fake'))];
    await assert.rejects(startMesh(saying(mesh, 'crash')), /the key is not valid .*the svc-fake that runs goes on/);
    await assert.rejects(startMesh(saying(mesh, 'bad-migration')), /table 'x' exists.*the svc-fake that runs goes on/);
    assert.deepEqual(pids(mesh), before);
    assert.deepEqual(readEnvFile(mesh.state.envFile('svc-fake')), env);
    assert.deepEqual(await startMesh(mesh), []);
  });

  it('moves a mesh to other ports', async () => {
    await startMesh(mesh);
    const ports = new Map<string, number>();
    for (const { name } of PROCESSES) ports.set(name, await findFreePort());
    assert.deepEqual((await startMesh({ ...mesh, ports })).sort(), ['fake-gateway', 'fake-sandbox', 'svc-fake']);
  });

  it('leaves alone what ran before when it fails', async () => {
    await startMesh(mesh);
    await killRunning(mesh.state, 'fake-gateway');
    const before = pids(mesh);
    const other = createServer().listen(mesh.ports.get('fake-gateway'), '127.0.0.1');
    await once(other, 'listening');
    await assert.rejects(startMesh(mesh), /in use/);
    assert.deepEqual(pids(mesh), before);
    other.close();
    await once(other, 'close');
  });

  it('leaves nothing when it is interrupted while a service gets ready', async () => {
    const controller = new AbortController();
    const starting = startMesh({ ...saying(mesh, 'sick'), signal: controller.signal });
    starting.catch(() => undefined);
    while (findRunning(mesh.state, 'svc-fake') === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error('interrupted'));
    await assert.rejects(starting, /interrupted/);
    assert.deepEqual(allRunning(mesh.state), []);
  });

  it('keeps the passwords of MySQL out of its log and its command line', async () => {
    await startMesh(mesh);
    const { mysqlPassword, mysqlRootPassword } = JSON.parse(readFileSync(mesh.state.secretsFile, 'utf8'))['svc-fake'];
    const command = readFileSync(`/proc/${pids(mesh).get('svc-fake-mysql')}/cmdline`, 'utf8');
    const said = command + readFileSync(mesh.state.logFile('svc-fake-mysql'), 'utf8');
    assert.equal(said.includes(mysqlPassword) || said.includes(mysqlRootPassword), false);
  });
});
