import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompactEncrypt } from 'jose';
import { createVault } from '../../src/identity/encryption-keys.ts';
import { loadMeshTls, type MeshTls } from '../../src/identity/tls.ts';
import { createAuthority } from '../../src/testing/certificates.ts';
import { afterThisTest } from '../support/cleanup.ts';
import { connect, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';

const POLL_MS = 20;

function filesOf(tls: MeshTls) {
  const folder = mkdtempSync(join(tmpdir(), 'rotation-'));
  afterThisTest(() => rmSync(folder, { recursive: true }));
  const path = (name: 'ca' | 'cert' | 'key') => join(folder, name);
  const write = (pems: Partial<MeshTls>) => {
    for (const name of ['ca', 'cert', 'key'] as const) if (pems[name]) writeFileSync(path(name), pems[name]);
  };
  write(tls);
  return { write, files: { TLS_CA_FILE: path('ca'), TLS_CERT_FILE: path('cert'), TLS_KEY_FILE: path('key') } };
}

describe('certificates that change in their files', () => {
  it('are used by new connections of a running server and of an open channel, authority included', async () => {
    const [old, next] = await Promise.all([createAuthority(), createAuthority()]);
    const server = filesOf(await old.issue('svc-echo'));
    const client = filesOf(await old.issue('svc-stores'));
    const { port } = await startEcho({}, { tls: loadMeshTls(server.files, POLL_MS), connectionAgeMsMax: 100 });
    const { client: echo } = await connect(port, loadMeshTls(client.files, POLL_MS));
    const ask = async () => (await echo.echo({ text: 'a', number: 1n }, { timeoutMs: 2_000 })).caller;
    assert.equal(await ask(), 'svc-stores');

    const [serverNext, clientNext] = [await next.issue('svc-echo'), await next.issue('svc-stores')];
    server.write({ cert: serverNext.cert });
    await sleep(5 * POLL_MS);
    const { client: stillOld } = await connect(port, await old.issue('svc-stores'));
    await stillOld.echo({ text: 'a', number: 1n });

    for (const [side, pems] of [
      [server, serverNext],
      [client, clientNext],
    ] as const)
      side.write(pems);
    await sleep(400);
    const until = Date.now() + 10_000;
    let caller = '';
    while (caller !== 'svc-stores' && Date.now() < until) {
      caller = await ask().catch(() => '');
      await sleep(POLL_MS);
    }
    assert.equal(caller, 'svc-stores');
    const { client: withNext } = await connect(port, await next.issue('svc-users'));
    assert.equal((await withNext.echo({ text: 'a', number: 1n })).caller, 'svc-users');
    const { client: withOld } = await connect(port, await old.issue('svc-users'));
    assert.equal((await failureOf(withOld.echo({ text: 'a', number: 1n }, { timeoutMs: 1_000 }))).code, 'UNAVAILABLE');
  });
});

describe('a vault', () => {
  const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)];

  it('opens what is under a previous key, and says that it is', async () => {
    const sealed = await createVault(first, [], 'KEY').seal('text', 'a');
    const rotated = createVault(second, [third, first], 'KEY');
    assert.equal(await rotated.open(sealed, 'a'), 'text');
    assert.deepEqual([rotated.isCurrent(sealed), rotated.isKnown(sealed)], [false, true]);
    const again = await rotated.seal('text', 'a');
    assert.ok(rotated.isCurrent(again));
    assert.equal(await createVault(second, [], 'KEY').open(again, 'a'), 'text');
  });

  it('opens nothing that is under a key it does not know, or belongs to something else', async () => {
    const sealed = await createVault(first, [], 'KEY').seal('text', 'a');
    const other = createVault(second, [], 'KEY');
    assert.equal(other.isKnown(sealed), false);
    await assert.rejects(other.open(sealed, 'a'), /neither KEY nor a previous key opens/);
    await assert.rejects(createVault(first, [], 'KEY').open(sealed, 'b'), /belongs to something else/);
  });

  it('opens what was made before texts named their key', async () => {
    const sealed = await new CompactEncrypt(Buffer.from('text'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'a' })
      .encrypt(first);
    const vault = createVault(second, [first], 'KEY');
    assert.equal(await vault.open(sealed, 'a'), 'text');
    assert.deepEqual([vault.isCurrent(sealed), vault.isKnown(sealed)], [false, true]);
  });
});
