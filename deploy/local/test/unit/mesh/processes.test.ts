import assert from 'node:assert/strict';
import { configuredPorts, folderOf, PROCESSES, portVariable, presentProcesses } from '../../../src/mesh/processes.ts';
import { put, tempDir } from '../../temp-dir.ts';

describe('PROCESSES', () => {
  it('keeps the ports that clients rely on', () => {
    const ports = new Map(PROCESSES.map(({ name, port }) => [name, port]));
    assert.equal(ports.get('svc-users'), 50051);
    assert.equal(ports.get('svc-transactions'), 50052);
    assert.equal(ports.get('edge-gateway'), 8443);
  });

  it('gives every process a name and a port of its own', () => {
    assert.equal(new Set(PROCESSES.map(({ name }) => name)).size, PROCESSES.length);
    assert.equal(new Set(PROCESSES.map(({ port }) => port)).size, PROCESSES.length);
  });
});

describe('presentProcesses', () => {
  it('leaves out what this clone has no folder of', () => {
    const root = tempDir();
    put(root, 'edge-gateway/package.json', '{}');
    assert.deepEqual(
      presentProcesses(root).map(({ name }) => name),
      ['edge-gateway'],
    );
  });
});

describe('folderOf', () => {
  it('is the name, or the folder of the service whose sandbox it is', () => {
    const folders = new Map(PROCESSES.map((spec) => [spec.name, folderOf(spec)]));
    assert.equal(folders.get('svc-transactions'), 'svc-transactions');
    assert.equal(folders.get('payment-sandbox'), 'svc-transactions');
  });
});

describe('configuredPorts', () => {
  it('moves a process where its variable says', () => {
    assert.equal(portVariable('svc-users'), 'SVC_USERS_PORT');
    const ports = configuredPorts(PROCESSES, { SVC_USERS_PORT: '6000', EDGE_GATEWAY_PORT: '' });
    assert.equal(ports.get('svc-users'), 6000);
    assert.equal(ports.get('edge-gateway'), 8443);
  });

  it('names a variable that is not a port', () => {
    for (const value of ['0', '65536', '80.5', 'http']) {
      assert.throws(() => configuredPorts(PROCESSES, { SVC_USERS_PORT: value }), /SVC_USERS_PORT must be a port/);
    }
  });
});
