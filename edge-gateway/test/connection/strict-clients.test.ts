import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTestGateway, type TestGateway } from '../support/gateway.ts';
import type { ImportCall } from '../support/upstream.ts';

const file = (name: string) => join(import.meta.dirname, 'strict-clients', name);
const PYTHON = process.env.PYTHON ?? 'python3';
const CLIENT_TIMEOUT_MS = 290_000;

/** Other people's clients, how each is run, and what must run for it to be there. */
const CLIENTS: Readonly<Record<string, { readonly command: readonly string[]; readonly probe: readonly string[] }>> = {
  'Python’s httpx and h2': {
    command: [PYTHON, file('early_answers.py')],
    probe: [PYTHON, '-c', 'import httpx, h2'],
  },
  'the JDK’s HttpClient': {
    command: ['java', file('EarlyAnswers.java')],
    probe: ['java', '--version'],
  },
};

/** What each request of the clients is answered, once with a known length and once without. */
const STATUSES = [401, 401, 404, 405, 406, 413, 415, 400, 200].flatMap((status) => [status, status]);

describe('strict clients over HTTP/2', () => {
  let gateway: TestGateway;
  let port: number;
  let folder: string;
  before(async () => {
    // Takes imports without an end, so that it is the gateway that answers the bad line.
    const takesAll = (_messages: Buffer[], call: ImportCall) => void call.resume();
    gateway = await createTestGateway({ fakes: { imports: { 'TranscodingService/ImportThings': takesAll } } });
    await gateway.app.listen({ host: '127.0.0.1', port: 0 });
    port = (gateway.app.server.address() as AddressInfo).port;
    folder = mkdtempSync(join(tmpdir(), 'strict-clients-'));
    writeFileSync(join(folder, 'ca.pem'), gateway.ca);
  });
  after(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });

  for (const [name, { command, probe }] of Object.entries(CLIENTS)) {
    if (spawnSync(probe[0] as string, probe.slice(1)).status !== 0) {
      console.log(`  skipped: ${name}, which ${probe[0]} on this machine does not have`);
      continue;
    }
    it(`read every early answer: ${name}`, async () => {
      const [program = '', ...words] = [...command, String(port), join(folder, 'ca.pem')];
      const { stdout } = await promisify(execFile)(program, words, { timeout: CLIENT_TIMEOUT_MS });
      const lines = stdout.trim().split('\n');
      assert.deepEqual(
        lines.map((line) => (/^\d{3} /.test(line) ? Number(line.slice(0, 3)) : line)),
        STATUSES,
      );
      for (const line of lines) assert.match(line, /HTTP.2/);
    }).timeout(CLIENT_TIMEOUT_MS + 10_000);
  }
});
