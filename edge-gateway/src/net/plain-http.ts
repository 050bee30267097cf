import { randomUUID } from 'node:crypto';
import type { Server, Socket } from 'node:net';
import { HttpProblem } from '../http/problem.ts';
import { writeProblem } from './raw-problem.ts';

/** The first byte of a TLS handshake record (RFC 8446, section 5.1). */
const TLS_HANDSHAKE = 0x16;
const FIRST_BYTE_TIMEOUT_MS = 10_000;

/**
 * Answers plain HTTP on a TLS server's port with problem details, in place of a connection that breaks for no visible reason.
 * The first byte of each connection tells; then the TLS server has the connection as it was.
 */
export function refusePlainHttp(server: Server): void {
  const accept = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const onError = () => socket.destroy();
    socket.on('error', onError);
    socket.setTimeout(FIRST_BYTE_TIMEOUT_MS, onError);
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0);
      socket.removeListener('timeout', onError);
      if (first[0] !== TLS_HANDSHAKE) return refuse(socket);
      socket.pause();
      socket.removeListener('error', onError);
      socket.unshift(first);
      for (const listener of accept) listener.call(server, socket);
    });
  });
}

function refuse(socket: Socket): void {
  const detail = 'This port speaks HTTPS. Use https:// in place of http://.';
  writeProblem(socket, new HttpProblem(400, 'PLAIN_HTTP', detail), randomUUID());
}
