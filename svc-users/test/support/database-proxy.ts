import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const HEADER_BYTES = 4;
const COM_QUERY = 3;
/** What the health check asks every few seconds, whatever a test does meanwhile. */
const HEALTH_CHECKS = ['SELECT UTC_TIMESTAMP(3) AS now', 'DELETE FROM migrations WHERE 1 = 0'];

/** Stands between the service and its MySQL: sees every statement, and can cut the line. */
export interface DatabaseProxy {
  /** The database's URL, by way of the proxy. */
  readonly url: string;
  /** The statements that went through while `work` ran: one for each round trip. */
  record(work: () => Promise<unknown>): Promise<string[]>;
  /** Breaks every connection, and takes new ones again. */
  breakConnections(): void;
  /** Breaks every connection, and refuses new ones until `restore`. */
  cut(): Promise<void>;
  restore(): Promise<void>;
}

/** Starts a proxy for a `mysql://` URL. */
export async function startDatabaseProxy(target: string): Promise<DatabaseProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let statements: string[] = [];

  const join = (client: Socket) => {
    const database = connect(Number(port), hostname);
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    readStatements(client, (statement) => {
      if (!HEALTH_CHECKS.includes(statement) && !statement.startsWith('SET SESSION ')) statements.push(statement);
    });
  };
  const server = createServer(join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: ownPort } = server.address() as AddressInfo;
  const url = new URL(target);
  url.host = `127.0.0.1:${ownPort}`;

  const breakConnections = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: url.href,
    record: async (work) => {
      statements = [];
      await work();
      return statements;
    },
    breakConnections,
    cut: async () => {
      server.close();
      breakConnections();
      await once(server, 'close');
    },
    restore: async () => {
      server.listen(ownPort, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}

/** Reads what a client says in MySQL's protocol: packets of a 3-byte length, a sequence number, and for a query COM_QUERY. */
function readStatements(client: Socket, seen: (statement: string) => void): void {
  let pending = Buffer.alloc(0);
  client.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk as Buffer]);
    while (pending.length >= HEADER_BYTES && pending.length >= HEADER_BYTES + pending.readUIntLE(0, 3)) {
      const packet = pending.subarray(0, HEADER_BYTES + pending.readUIntLE(0, 3));
      pending = pending.subarray(packet.length);
      if (packet[3] !== 0 || packet[HEADER_BYTES] !== COM_QUERY) continue;
      const statement = packet.subarray(HEADER_BYTES + 1).toString('utf8');
      seen(statement.slice(statement.search(/[a-z]/i)));
    }
  });
}
