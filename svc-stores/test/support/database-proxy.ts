import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a service and its MySQL, and hears what the service asks. */
export interface DatabaseProxy {
  readonly url: string;
  /** What was sent since this was last asked: each waits for an answer, and so is a round trip. */
  commands(): string[];
  close(): Promise<void>;
}

const HEADER_BYTES = 4;
/** Before the text of a query stands its code, and then its attributes' counts, 0 and 1, where client and server know of these. */
const CODE_BYTES = 1;
const COUNT_BYTES = 2;
const SET_UP = 'SET SESSION ';
/** What the health check asks every few seconds, whatever a test does meanwhile. */
const HEALTH_CHECKS = ['SELECT UTC_TIMESTAMP(3) AS now', 'DELETE FROM migrations WHERE 1 = 0'];

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let commands: string[] = [];
  const server = createServer((client) => {
    const database = connect(Number(target.port || 3306), target.hostname);
    const hear = packetReader((sequence, payload) => {
      // The client's answer in the handshake has a number; a command begins anew.
      const command = sequence === 0 ? textOf(payload) : undefined;
      if (command !== undefined && !isAside(command)) commands.push(command);
    });
    client.on('data', hear);
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
    commands: () => {
      const heard = commands;
      commands = [];
      return heard;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Whether a command is no part of what a test asks for: a connection that is new says what it is to be like, whoever needs it. */
function isAside(command: string): boolean {
  return HEALTH_CHECKS.includes(command) || command.startsWith(SET_UP);
}

function textOf(payload: Buffer): string {
  const hasCounts = payload[CODE_BYTES] === 0;
  return payload.subarray(CODE_BYTES + (hasCounts ? COUNT_BYTES : 0)).toString();
}

/** Cuts a stream into MySQL's packets. @param packet is told the number of each and what is in it. */
function packetReader(packet: (sequence: number, payload: Buffer) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER_BYTES && pending.length >= HEADER_BYTES + pending.readUIntLE(0, 3)) {
      const end = HEADER_BYTES + pending.readUIntLE(0, 3);
      packet(pending.readUInt8(3), pending.subarray(HEADER_BYTES, end));
      pending = pending.subarray(end);
    }
  };
}
