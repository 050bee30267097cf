import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxProvider } from '../../src/providers/sandbox.ts';
import { authorisation } from '../support/operations.ts';
import { startTestSandbox, type TestSandbox } from '../support/sandbox.ts';

describe('The challenge of the sandbox', () => {
  let folder: string;
  let sandbox: TestSandbox;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
    sandbox = await startTestSandbox(folder);
  });
  after(async () => {
    await sandbox.stop();
    await rm(folder, { recursive: true });
  });

  for (const [answer, status, told] of [
    ['pass', 'authorised', 'You have passed the challenge.'],
    ['fail', 'declined', 'You have failed the challenge.'],
  ] as const) {
    it(`is a page for browsers, whose buttons work without scripts: ${answer}`, async () => {
      const { paymentId, actionUrl } = await challenged();
      const page = await fetch(actionUrl, { headers: { accept: 'text/html' } });
      assert.equal(page.status, 200);
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/);
      const html = await page.text();
      const actions = Array.from(html.matchAll(/<form method="post" action="([^"]+)">/g), ([, action]) => action ?? '');
      assert.deepEqual(actions.length, 2);
      const action = actions.find((one) => one.endsWith(answer)) ?? '';
      // As a form without fields is sent.
      const headers = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
      const answered = await fetch(new URL(action, actionUrl), { method: 'POST', headers, body: '' });
      assert.equal(answered.status, 200);
      assert.ok((await answered.text()).includes(told));
      assert.equal((await sandbox.recordOf(paymentId))?.status, status);
      assert.equal((await fetch(actionUrl)).status, 404);
    });
  }

  it('is not there for another payment', async () => {
    const page = await fetch(`${sandbox.url}/challenges/${encodeURIComponent('"><script>')}`);
    assert.equal(page.status, 404);
    assert.ok(!(await page.text()).includes('<script>'));
  });

  async function challenged() {
    const provider = createSandboxProvider({ ...sandbox, timeoutMs: 5_000 });
    const operation = authorisation('tok_challenge');
    const outcome = await provider.perform(operation);
    assert.ok(outcome.status === 'action');
    return { paymentId: operation.paymentId, actionUrl: outcome.actionUrl };
  }
});
