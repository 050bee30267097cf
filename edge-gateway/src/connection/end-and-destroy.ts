import type { Duplex } from 'node:stream';

/** For how long a client may take its last answer. */
const LINGER_MS = 1_000;

/**
 * Writes the last bytes to a connection and destroys it soon, whether the client reads them, closes, or does neither. What it
 * still sends is thrown away meanwhile: unread bytes would make the system reset the connection under the answer.
 */
export function endAndDestroy(socket: Duplex, bytes: string): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.on('error', () => socket.destroy());
  socket.once('end', () => socket.destroy());
  socket.resume();
  socket.end(bytes);
}
