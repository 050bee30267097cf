import type { Socket } from 'node:net';
import type { Stop } from './target.ts';

const JOIN_EVERY_MS = 20;
const JOIN_AT_ONCE = 10;

/** Keeps `size` connections open: those that were closed are opened again, no more than 500 a second. */
export function crowd(size: number, open: () => Socket): Stop {
  const sockets = new Set<Socket>();
  const join = () => {
    for (let joined = 0; joined < JOIN_AT_ONCE && sockets.size < size; joined += 1) {
      const socket = open();
      sockets.add(socket.once('close', () => sockets.delete(socket)));
    }
  };
  const timer = setInterval(join, JOIN_EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}
