import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { crowd } from './crowd.ts';
import { ATTACKER, type Attack, open, type Stop, type Target } from './target.ts';

const WATCHERS = 1_300;
const IMPORTS = 500;
const HANDSHAKES = 4_000;
const DEAF = 50;
const HANDSHAKE_MS = 12_000;
const REQUESTS = 20;

/** 1,300 anonymous watchers of the catalogue. */
export const watchers: Attack = (target, count) =>
  crowd(WATCHERS, () => request(target, 'GET /v1/stores/catalog:watch HTTP/1.1\r\nhost: localhost\r\n\r\n', count));

/** 500 imports that say nothing after their head: half of the owner of a store, half of somebody without one. */
export const imports: Attack = (target, count) => {
  let opened = 0;
  return crowd(IMPORTS, () => {
    opened += 1;
    const token = opened % 2 === 0 ? target.ownerToken : target.strangerToken;
    const head = [
      `POST /v1/stores/${target.storeId}/products:import HTTP/1.1`,
      'host: localhost',
      `authorization: Bearer ${token}`,
      'content-type: application/x-ndjson',
      'transfer-encoding: chunked',
    ];
    return request(target, `${head.join('\r\n')}\r\n\r\n`, count);
  });
};

/** 4,000 connections that send half of a ClientHello, wait, and close. */
export const handshakes: Attack = (target, count) => {
  let stop: Stop = () => undefined;
  void clientHello().then((hello) => {
    stop = crowd(HANDSHAKES, () => {
      const socket = connect({ host: '127.0.0.1', port: target.port, localAddress: ATTACKER });
      socket.on('connect', () => count('connected')).on('error', ({ message }) => count(message.slice(0, 20)));
      socket.write(hello.subarray(0, hello.length / 2));
      const timer = setTimeout(() => socket.end(), HANDSHAKE_MS);
      return socket.once('close', () => clearTimeout(timer));
    });
  });
  return () => stop();
};

/** 50 connections that ask for large pages and read nothing, half of them over HTTP/2 with a window of 0. */
export const deaf: Attack = (target, count) => {
  const stops = [crowd(DEAF / 2, () => deafHttp1(target)), crowd(DEAF / 2, () => deafHttp2(target))];
  count('begun');
  return () => stops.forEach((stop) => void stop());
};

function deafHttp1(target: Target): Socket {
  const socket = open(target).pause();
  socket.write('GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(REQUESTS));
  return socket;
}

function deafHttp2(target: Target): Socket {
  const socket = open(target, 'h2');
  const session = connectHttp2('https://localhost', {
    createConnection: () => socket,
    settings: { initialWindowSize: 0 },
  }).on('error', () => undefined);
  for (let asked = 0; asked < REQUESTS; asked += 1)
    session.request({ ':path': '/openapi.json' }).on('error', () => undefined);
  return socket;
}

function request(target: Target, text: string, count: (event: string) => void): Socket {
  const socket = open(target);
  socket.once('data', (chunk: Buffer) => count(chunk.toString('latin1', 9, 12))).resume();
  socket.write(text);
  return socket;
}

/** The first message that Node's TLS sends. */
async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectTls({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  client.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  server.close();
  return hello;
}
