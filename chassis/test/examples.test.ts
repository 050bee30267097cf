import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterThisTest } from './support/cleanup.ts';

const run = promisify(execFile);
const example = (name: string) => join(import.meta.dirname, '../examples', name);

function identity(folder: string, service: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    TLS_CA_FILE: join(folder, 'ca.pem'),
    TLS_CERT_FILE: join(folder, `${service}.pem`),
    TLS_KEY_FILE: join(folder, `${service}-key.pem`),
  };
}

describe('examples', () => {
  it('run as the README shows: a server, and a client that calls it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'malla-examples-'));
    afterThisTest(() => rmSync(folder, { recursive: true }));
    await run('node', [example('certificates.ts'), folder]);
    const server = spawn('node', [example('server.ts')], { env: { ...identity(folder, 'svc-echo'), GRPC_PORT: '0' } });
    afterThisTest(() => void server.kill('SIGKILL'));
    let port: number | undefined;
    for await (const line of createInterface(server.stdout)) {
      port = JSON.parse(line).port;
      if (port !== undefined) break;
    }
    const env = { ...identity(folder, 'svc-stores'), TARGET: `dns:///127.0.0.1:${port}` };
    const { stdout } = await run('node', [example('client.ts')], { env });
    assert.match(stdout, /text: 'hello', number: 42n, caller: 'svc-stores'/);
    assert.match(stdout, /reason: 'MESSAGE_INVALID'/);
    server.kill('SIGTERM');
    assert.deepEqual(await once(server, 'exit'), [0, null]);
  });
});
