import type { Socket } from 'node:net';
import type { Stop } from './target.ts';

const JOIN_EVERY_MS = 20;
const JOIN_AT_ONCE = 10;
const AGAIN_AFTER_MS = 5_000;

/** Keeps `size` connections open: 500 more a second, and 5 s after one was closed another in its place. */
export function crowd(size: number, open: () => Socket): Stop {
  const sockets = new Set<Socket>();
  const join = () => {
    for (let joined = 0; joined < JOIN_AT_ONCE && sockets.size < size; joined += 1) {
      const socket = open();
      const leave = () => void setTimeout(() => sockets.delete(socket), AGAIN_AFTER_MS);
      sockets.add(socket.once('close', leave));
    }
  };
  const timer = setInterval(join, JOIN_EVERY_MS);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}
