import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOLDER_VARIABLE, readFiles, writeFiles } from './files.ts';

/**
 * Starts what `deploy/bench` measures the translation with: an upstream, the gateway, and a bare client, a process each. Tells
 * its parent where they are, passes its messages on to the bare client or the gateway, and ends them all with itself.
 */
const folder = mkdtempSync(join(tmpdir(), 'malla-bench-'));
const children: ChildProcess[] = [];
process.once('exit', () => {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true, force: true });
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
for (const name of ['svc-testing', 'edge-gateway']) await writeFiles(name, folder);

const upstreamPort = await start('upstream.ts');
const gateway = await start('gateway.ts', upstreamPort.message);
const bareClient = await start('bare-client.ts', upstreamPort.message);

process.on('message', async ({ to, message }: { to: 'gateway' | 'bareClient'; message: object }) => {
  const { child } = to === 'gateway' ? gateway : bareClient;
  child.send(message);
  const [answer] = await once(child, 'message');
  process.send?.(answer);
});
process.send?.({
  url: `https://localhost:${gateway.message}`,
  caFile: readFiles('edge-gateway', folder).TLS_CA_FILE,
  gatewayPid: gateway.child.pid,
});

async function start(script: string, argument?: unknown): Promise<{ child: ChildProcess; message: unknown }> {
  const child = fork(join(import.meta.dirname, script), argument === undefined ? [] : [String(argument)], {
    env: { ...process.env, [FOLDER_VARIABLE]: folder },
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  child.once('exit', () => process.exit(1));
  const [message] = await once(child, 'message');
  return { child, message };
}
