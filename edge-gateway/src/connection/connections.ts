import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { clientAddress } from '@malla/chassis/client-address';
import { createPace } from '@malla/chassis/pace';
import { HttpProblem } from '../problems/problem.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { writeProblem } from './write-problem.ts';

/** The first byte of a TLS handshake record (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;
/** From the first packet of a connection to the end of its handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A client may begin as many at once as its rate allows in this time. */
const HANDSHAKE_BURST_MS = 500;

/** The maximum of open connections. */
export interface ConnectionLimits {
  readonly max: number;
  /** Of one client, by the address that requests are counted by. Trusted proxies bring many clients and are not counted. */
  readonly perClientMax: number;
  /**
   * Of one client. A handshake takes the loop for a millisecond or two: without a rate a client that opens all its connections
   * at once keeps the loop from everybody for half a second.
   */
  readonly handshakesPerSecond: number;
  readonly handshakeTimeoutMs?: number;
}

/** The connections of a server. */
export interface Connections {
  /** Closes each new one at once, and those whose TLS handshake or first request is not complete. */
  refuseNew(): void;
  destroyAll(): void;
}

/**
 * Takes the connections of a TLS server before TLS does: bounds them, by client and in all; answers plain HTTP with problem
 * details, in place of a connection that breaks for no visible reason; and destroys each whose handshake fails or takes too
 * long. Node hands a failed handshake to whoever answers malformed HTTP, and an answer to it would wait for TLS for ever.
 */
export function guardConnections(server: Server, proxies: TrustedProxies, limits: ConnectionLimits): Connections {
  const { max, perClientMax, handshakesPerSecond, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS } = limits;
  const accept = server.listeners('connection') as ((socket: Socket) => void)[];
  const counts = new Map<string, number>();
  const all = new Set<Socket>();
  let refusing = false;
  const pace = createPace(handshakesPerSecond, HANDSHAKE_BURST_MS);
  const handshakes = new Map<string, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>();
  const admit = (socket: Socket): boolean => {
    const peer = socket.remoteAddress;
    const client = peer && clientAddress(peer);
    if (peer === undefined || client === undefined) return false;
    const count = (counts.get(client) ?? 0) + 1;
    if (refusing || all.size >= max || (count > perClientMax && !proxies.has(peer))) return false;
    counts.set(client, count);
    all.add(socket);
    socket.once('close', () => {
      all.delete(socket);
      const left = (counts.get(client) ?? 1) - 1;
      if (left > 0) counts.set(client, left);
      else counts.delete(client);
    });
    return true;
  };
  const paced = (socket: Socket, begin: () => void) => {
    const { remoteAddress: peer = '' } = socket;
    if (proxies.has(peer)) return begin();
    const client = clientAddress(peer) ?? peer;
    const delayMs = pace.spend(client);
    if (delayMs === 0) return begin();
    beginLater(socket, delayMs, begin, () => pace.giveBack(client));
  };
  const settle = (pair: string) => {
    clearTimeout(handshakes.get(pair)?.timer);
    handshakes.delete(pair);
  };
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    // No handshake: there is no answer that a client could read, and none that costs nothing.
    if (!admit(socket)) return void socket.destroy();
    const pair = pairOf(socket);
    handshakes.set(pair, { socket, timer: setTimeout(() => socket.destroy(), handshakeTimeoutMs) });
    socket.once('close', () => {
      if (handshakes.get(pair)?.socket === socket) settle(pair);
    });
    onFirstBytes(socket, () => {
      paced(socket, () => {
        for (const listener of accept) listener.call(server, socket);
      });
    });
  });
  const unused = new Set<Duplex>();
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    settle(pairOf(socket));
    if (socket.alpnProtocol === 'h2') return;
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.prependListener('request', ({ socket }: IncomingMessage) => unused.delete(socket));
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
  return {
    refuseNew: () => {
      refusing = true;
      for (const { socket } of handshakes.values()) socket.destroy();
      // To Node these are no idle connections: it waits for their first request.
      for (const socket of unused) socket.destroy();
    },
    destroyAll: () => {
      for (const socket of all) socket.destroy();
    },
  };
}

/** Both ends of a connection, which its TLS socket shares with it and nothing else that is open. */
function pairOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}

/** Begins a handshake when its client may have another one, unless the client has left meanwhile. */
function beginLater(socket: Socket, delayMs: number, begin: () => void, left: () => void): void {
  const onError = () => socket.destroy();
  const onClose = () => {
    clearTimeout(timer);
    left();
  };
  const timer = setTimeout(() => {
    socket.removeListener('error', onError).removeListener('close', onClose);
    if (socket.destroyed) left();
    else begin();
  }, delayMs);
  socket.once('error', onError).once('close', onClose);
}

/** Refuses what is no TLS by its first byte; what is goes on as it came. */
function onFirstBytes(socket: Socket, accept: () => void): void {
  const onError = () => socket.destroy();
  socket.on('error', onError);
  socket.once('end', onError);
  socket.once('data', (first: Buffer) => {
    socket.removeListener('end', onError);
    if (first[0] !== TLS_HANDSHAKE) return refusePlain(socket);
    socket.pause();
    socket.removeListener('error', onError);
    socket.unshift(first);
    accept();
  });
}

function refusePlain(socket: Socket): void {
  const detail = 'This port speaks HTTPS. Use https:// in place of http://.';
  writeProblem(socket, new HttpProblem(400, 'PLAIN_HTTP', detail), randomUUID());
}
