import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
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
    const { child, ended, port } = await startProcess({ UPSTREAMS: 'svc-users=dns:///127.0.0.1:1' });
    const half = connect(port, '127.0.0.1').on('error', () => undefined);
    afterThisTest(() => void half.destroy());
    await once(half, 'connect');
    half.write(Buffer.from([0x16, 0x03, 0x01]));
    const startMs = performance.now();
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.ok(performance.now() - startMs < 10_000);
  });

  it('outlives 200 bodies of a megabyte at once with a heap of 512 MB', async () => {
    const { child, ended, port, ca } = await startProcess(
      {
        UPSTREAMS: 'svc-users=dns:///127.0.0.1:1',
        RATE_LIMIT_WRITE_PER_MINUTE: '9999',
        RATE_LIMIT_REFUSED_MIB_PER_MINUTE: '9999',
        LARGE_BODIES_MIB_PER_SECOND: '9999',
        RATE_LIMIT_CREDENTIAL_PER_MINUTE: '9999',
      },
      ['--max-old-space-size=512'],
    );
    const sessions = Array.from({ length: SESSIONS }, () => connectHttp2(`https://localhost:${port}`, { ca }));
    afterThisTest(() => sessions.forEach((session) => void session.destroy()));
    const statuses = await Promise.all(
      Array.from({ length: 200 }, (_, at) => post(sessions[at % SESSIONS] as ClientHttp2Session, bodyOf(at))),
    );
    assert.deepEqual([...new Set(statuses)], [400]);
    assert.equal(await post(sessions[0] as ClientHttp2Session, '{}'), 400);
    assert.equal(child.exitCode, null);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  }).timeout(180_000);
});

/** Node refuses streams of a session whose unread bodies take more than 10 MB. */
const SESSIONS = 40;
const BODY_BYTES = 1024 * 1024 - 64;

/** A body of a megabyte that costs much to look at, of several kinds. */
function bodyOf(at: number): string {
  const items = ['{}', '""', '[]', '{"a":1}', 'null', '1.5e3'];
  const item = items[at % items.length] as string;
  const list = `[${Array(Math.floor(BODY_BYTES / (item.length + 1)) - 10)
    .fill(item)
    .join()}]`;
  return at % 2 === 0 ? `{"email":${list}}` : `{"unknown":${list}}`;
}

async function post(session: ClientHttp2Session, body: string): Promise<number> {
  const headers = { ':method': 'POST', ':path': '/v1/users/refresh', 'content-type': 'application/json' };
  const stream = session.request(headers);
  const answered = once(stream, 'response');
  stream.resume().end(body);
  const [answer] = await answered;
  return answer[':status'];
}

/** Starts the gateway as operators do, with certificates of its own. */
async function startProcess(changes: Readonly<Record<string, string>>, options: readonly string[] = []) {
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
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HTTPS_PORT: '0',
      DRAIN_DELAY_MS: '300',
      TOKEN_ISSUER: ISSUER,
      TOKEN_AUDIENCE: AUDIENCE,
    },
    ...{ TLS_CA_FILE: caFile, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile },
    ...{ HTTPS_CERT_FILE: certFile, HTTPS_KEY_FILE: keyFile, ...changes },
  };
  const child = spawn(process.execPath, [...options, MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  afterThisTest(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const port = await portOf(createInterface({ input: child.stdout }));
  child.stdout.resume();
  return { child, ended, port, ca };
}

async function portOf(lines: AsyncIterable<string>): Promise<number> {
  for await (const line of lines) {
    const [, port] = /https:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
    if (port) return Number(port);
  }
  throw new Error('the gateway ended before it listened');
}
