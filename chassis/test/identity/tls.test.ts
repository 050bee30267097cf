import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Client, credentials } from '@grpc/grpc-js';
import { peerOf } from '../../src/client/peer.ts';
import { serviceOf } from '../../src/identity/tls.ts';
import { createAuthority, mesh } from '../../src/testing/certificates.ts';
import { afterThisTest } from '../support/cleanup.ts';
import { connect, rpcOf, startEcho } from '../support/echo.ts';
import { failureOf } from '../support/failure.ts';

const asIs = (bytes: Buffer) => bytes;

function callWith(port: number, creds: ReturnType<typeof credentials.createSsl>): Promise<unknown> {
  const client = new Client(`127.0.0.1:${port}`, creds, { 'grpc.ssl_target_name_override': 'svc-echo' });
  afterThisTest(() => client.close());
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(rpcOf('Echo').path, asIs, asIs, Buffer.from('0a0161', 'hex'), (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

describe('mutual TLS', () => {
  it('refuses a client without a certificate', async () => {
    const { port, calls } = await startEcho();
    const { ca } = await (await mesh).issue('svc-stores');
    assert.equal((await failureOf(callWith(port, credentials.createSsl(ca)))).code, 'UNAVAILABLE');
    assert.equal(calls().length, 0);
  });

  it('refuses a client with a certificate of another authority, though it names a service', async () => {
    const { port, calls } = await startEcho();
    const { ca } = await (await mesh).issue('svc-stores');
    const forged = await (await createAuthority()).issue('svc-stores');
    const creds = credentials.createSsl(ca, forged.key, forged.cert);
    assert.equal((await failureOf(callWith(port, creds))).code, 'UNAVAILABLE');
    assert.equal(calls().length, 0);
  });

  it('refuses a client without TLS', async () => {
    const { port } = await startEcho();
    const call = callWith(port, credentials.createInsecure());
    assert.equal((await failureOf(call)).code, 'UNAVAILABLE');
  });

  it('does not talk to a server whose certificate names another service', async () => {
    const { port, calls } = await startEcho({}, { tls: await (await mesh).issue('svc-users') });
    const { client } = await connect(port);
    const failure = await failureOf(client.echoUser({ text: 'a' }));
    assert.equal(failure.code, 'UNAVAILABLE');
    assert.equal(calls().length, 0);
  });

  it('does not talk to a server with a certificate of another authority', async () => {
    const { port, calls } = await startEcho();
    const stranger = await (await createAuthority()).issue('svc-stores');
    const { client } = await connect(port, stranger);
    assert.equal((await failureOf(client.echoUser({ text: 'a' }))).code, 'UNAVAILABLE');
    assert.equal(calls().length, 0);
  });

  it('serves others while a socket never finishes its handshake', async () => {
    const { port } = await startEcho();
    const socket = connectTcp(port, '127.0.0.1');
    afterThisTest(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write(Buffer.from('160301', 'hex'));
    const { client } = await connect(port);
    assert.equal((await client.echo({ text: 'a', number: 1n })).text, 'a');
  });

  it('reads the certificate of a connection once, not for each call', async () => {
    const { port } = await startEcho();
    const { client } = await connect(port);
    await client.echo({ text: 'a', number: 1n });
    const original = TLSSocket.prototype.getPeerCertificate;
    afterThisTest(() => {
      TLSSocket.prototype.getPeerCertificate = original;
    });
    let read = 0;
    TLSSocket.prototype.getPeerCertificate = () => {
      read += 1;
      throw new Error('not for each call');
    };
    for (let call = 0; call < 5; call += 1) await client.echoService({ text: 'a' });
    assert.equal(read, 0);
  });
});

describe('peerOf', () => {
  it('finds nobody when the connection is gone', () => {
    const gone = () => {
      throw new Error('ERR_HTTP2_SOCKET_UNBOUND');
    };
    const nobody = { service: undefined, address: 'unknown' };
    assert.deepEqual(peerOf({ getAuthContext: gone, getPeer: gone }), nobody);
    assert.deepEqual(peerOf({ getAuthContext: () => ({}), getPeer: () => 'unknown' }), nobody);
  });
});

describe('serviceOf', () => {
  const table: [string | undefined, string | undefined][] = [
    ['URI:spiffe://malla.local/svc-users', 'svc-users'],
    ['DNS:svc-users, URI:spiffe://malla.local/svc-users, IP Address:127.0.0.1', 'svc-users'],
    ['URI:spiffe://malla.local/developer', undefined],
    ['URI:spiffe://malla.local/', undefined],
    ['URI:spiffe://malla.local/SVC-USERS', undefined],
    ['URI:spiffe://malla.local.evil/svc-users', undefined],
    ['URI:spiffe://malla.local/svc-users?x', undefined],
    ['DNS:"x, URI:spiffe://malla.local/svc-users, DNS:y"', undefined],
    ['DNS:svc-users', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [names, service] of table) {
    it(`finds ${service ?? 'nobody'} in ${names || 'nothing'}`, () => assert.equal(serviceOf(names), service));
  }
});
