import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { keepCertificates } from '../../../src/mesh/certificates.ts';
import { PROCESSES } from '../../../src/mesh/processes.ts';
import { type State, stateIn } from '../../../src/mesh/state.ts';
import { tempDir } from '../../temp-dir.ts';

const DAY_MS = 86_400_000;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const certificate = (path: string) => new X509Certificate(readFileSync(path));

const made = async (): Promise<State> => {
  const state = stateIn(tempDir());
  await keepCertificates(state, PROCESSES);
  return state;
};

/** Does `work` as if it were `days` later. */
const later = async (days: number, work: () => Promise<void>): Promise<void> => {
  const now = Date.now;
  Date.now = () => now() + days * DAY_MS;
  try {
    await work();
  } finally {
    Date.now = now;
  }
};

describe('keepCertificates', () => {
  it('names each process by its SPIFFE ID, signed by the authority', async () => {
    const state = await made();
    const users = certificate(state.certFile('svc-users'));
    const names = 'URI:spiffe://malla.local/svc-users, DNS:svc-users, DNS:localhost, IP Address:127.0.0.1';
    assert.equal(users.subjectAltName, names);
    assert.ok(users.verify(certificate(state.caFile).publicKey));
    assert.ok(users.checkIssued(certificate(state.caFile)));
    assert.deepEqual(users.keyUsage, [SERVER_AUTH, CLIENT_AUTH]);
    assert.equal(users.ca, false);
  });

  it('gives a sandbox none: it is outside of the mesh', async () => {
    assert.equal(existsSync((await made()).certFile('payment-sandbox')), false);
  });

  it('gives the developer a certificate that no server may show', async () => {
    const developer = certificate((await made()).developerCertFile);
    assert.equal(developer.subjectAltName, 'URI:spiffe://malla.local/developer');
    assert.deepEqual(developer.keyUsage, [CLIENT_AUTH]);
  });

  it('gives the front door one for localhost that proves no identity inside the mesh', async () => {
    const door = certificate((await made()).certFile('edge-gateway-https'));
    assert.equal(door.subjectAltName, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
    assert.deepEqual(door.keyUsage, [SERVER_AUTH]);
  });

  it('lets only their owner read the private keys', async () => {
    const state = await made();
    for (const file of [
      state.caKeyFile,
      state.developerKeyFile,
      state.keyFile('svc-users'),
      state.keyFile('edge-gateway-https'),
    ]) {
      assert.equal(statSync(file).mode & 0o777, 0o600, file);
    }
  });

  it('keeps what is still good for a month', async () => {
    const state = await made();
    const before = readFileSync(state.certFile('svc-users'), 'utf8');
    await later(55, () => keepCertificates(state, PROCESSES));
    assert.equal(readFileSync(state.certFile('svc-users'), 'utf8'), before);
  });

  it('renews what expires within a month, and not the authority with it', async () => {
    const state = await made();
    const [before, ca] = [state.certFile('svc-users'), state.caFile].map((file) => readFileSync(file, 'utf8'));
    await later(65, () => keepCertificates(state, PROCESSES));
    assert.notEqual(readFileSync(state.certFile('svc-users'), 'utf8'), before);
    assert.equal(readFileSync(state.caFile, 'utf8'), ca);
  });

  it('issues everything anew with a new authority', async () => {
    const state = await made();
    await later(720, () => keepCertificates(state, PROCESSES));
    assert.ok(certificate(state.certFile('svc-users')).verify(certificate(state.caFile).publicKey));
    assert.ok(certificate(state.developerCertFile).verify(certificate(state.caFile).publicKey));
  });
});
