import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands before a server as a balancer or a name does: leads new connections to another one, or to nowhere. */
export interface Switch {
  readonly port: number;
  /** Leads connections that are made from now on to a port of this machine. */
  leadTo(port: number): void;
  /** Loses all that goes over the connections of now, and of those made until the next `leadTo`. */
  loseAll(): void;
  close(): Promise<void>;
}

export async function startSwitch(target: number): Promise<Switch> {
  const sockets = new Set<Socket>();
  let port: number | undefined = target;
  const server = createServer((client) => {
    sockets.add(client.on('error', () => client.destroy()).on('close', () => sockets.delete(client)));
    if (port === undefined) return;
    const upstream = connect(port, '127.0.0.1');
    sockets.add(upstream.on('error', () => client.destroy()).on('close', () => sockets.delete(upstream)));
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (to) => {
      port = to;
    },
    loseAll: () => {
      port = undefined;
      for (const socket of sockets) socket.unpipe().removeAllListeners('end').resume();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
