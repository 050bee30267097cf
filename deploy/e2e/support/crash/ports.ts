import { connect } from 'node:net';

/** Below the range from which systems take the ports of outgoing connections. */
const PORTS = { lowest: 20_000, span: 12_000 };

/** Whether somebody listens at a port of this machine. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isTaken = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return isTaken;
}

/** A port at which nobody listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.lowest + Math.floor(Math.random() * PORTS.span);
    if (!(await listens(port))) return port;
  }
}
