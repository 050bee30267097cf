import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a service and its MySQL, and counts what the service asks. */
export interface DatabaseProxy {
  readonly url: string;
  /** How many commands were sent: each waits for an answer, and so is a round trip. */
  commands(): number;
  close(): Promise<void>;
}

const HEADER_BYTES = 4;

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let commands = 0;
  const server = createServer((client) => {
    const database = connect(Number(target.port || 3306), target.hostname);
    const count = packetCounter((sequence) => {
      // The client's answer in the handshake has a number; a command begins anew.
      if (sequence === 0) commands += 1;
    });
    client.on('data', count);
    for (const socket of [client, database]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(database).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    commands: () => commands,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Cuts a stream into MySQL's packets. @param packet is told the number of each. */
function packetCounter(packet: (sequence: number) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES && pending.length >= HEADER_BYTES + pending.readUIntLE(0, 3)) {
      packet(pending.readUInt8(3));
      pending = pending.subarray(HEADER_BYTES + pending.readUIntLE(0, 3));
    }
  };
}
