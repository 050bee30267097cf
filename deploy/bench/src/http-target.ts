import { Client, type Dispatcher } from 'undici';
import type { Request } from './load.ts';

/** A GET that is repeated over keep-alive connections, one for each client. */
export interface HttpTarget {
  readonly request: Request;
  close(): Promise<void>;
}

/** Opens `clients` connections, HTTP/1.1 or HTTP/2, to the origin of `url`. A status other than 200 rejects. */
export function httpTarget(
  url: string,
  clients: number,
  options: { ca: Buffer; http2?: boolean; headers?: Record<string, string> },
): HttpTarget {
  const { origin, pathname } = new URL(url);
  const connect = { ca: options.ca };
  const connections = Array.from(
    { length: clients },
    () => new Client(origin, { connect, allowH2: options.http2 ?? false }),
  );
  const call: Dispatcher.RequestOptions = { method: 'GET', path: pathname, headers: options.headers ?? {} };
  return {
    request: async (client) => {
      const { statusCode, body } = await (connections[client] as Client).request(call);
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${pathname} answered ${statusCode}: ${text}`);
    },
    close: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}
