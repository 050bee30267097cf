import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { mesh } from '@malla/chassis/testing/certificates';
import { afterThisTest } from './support/cleanup.ts';
import { AUDIENCE, ISSUER } from './support/tokens.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');

describe('the process', () => {
  it('exits 0 on SIGTERM, with half a handshake open and its upstream away', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
    afterThisTest(() => rmSync(folder, { recursive: true }));
    const { ca, cert, key } = await (await mesh).issue('edge-gateway');
    const file = (name: string, content: Buffer) => {
      writeFileSync(join(folder, name), content, { mode: 0o600 });
      return join(folder, name);
    };
    const [caFile, certFile, keyFile] = [file('ca.pem', ca), file('cert.pem', cert), file('key.pem', key)];
    const env = {
      ...{
        PATH: process.env.PATH,
        HTTPS_PORT: '0',
        DRAIN_DELAY_MS: '300',
        TOKEN_ISSUER: ISSUER,
        TOKEN_AUDIENCE: AUDIENCE,
      },
      ...{ TLS_CA_FILE: caFile, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile },
      ...{ HTTPS_CERT_FILE: certFile, HTTPS_KEY_FILE: keyFile, UPSTREAMS: 'svc-users=dns:///127.0.0.1:1' },
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    afterThisTest(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const port = await portOf(createInterface({ input: child.stdout }));
    const half = connect(port, '127.0.0.1').on('error', () => undefined);
    afterThisTest(() => void half.destroy());
    await once(half, 'connect');
    half.write(Buffer.from([0x16, 0x03, 0x01]));
    const startMs = performance.now();
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.ok(performance.now() - startMs < 10_000);
  });
});

async function portOf(lines: AsyncIterable<string>): Promise<number> {
  for await (const line of lines) {
    const [, port] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port) return Number(port);
  }
  throw new Error('the gateway ended before it listened');
}
