import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { findFreePort, isFree } from '../../../src/mesh/ports.ts';

const occupy = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
};

describe('isFree', () => {
  it('sees that a port is taken, and free again', async () => {
    const { server, port } = await occupy();
    assert.equal(await isFree(port), false);
    server.close();
    await once(server, 'close');
    assert.equal(await isFree(port), true);
  });
});

describe('findFreePort', () => {
  it('takes the preferred port when it is free, and another when not', async () => {
    const free = await findFreePort();
    assert.equal(await findFreePort(free), free);
    const { server, port } = await occupy();
    assert.notEqual(await findFreePort(port), port);
    server.close();
  });

  it('gives nobody the port of another, though none listens yet', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => findFreePort()));
    assert.equal(new Set(ports).size, 20);
  });
});
