import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import { stateDir } from './mesh.ts';

const SIGNATURE = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
const WAIT_MS = 20_000;

/** A webhook as it came. */
export interface Message {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The HTTPS server of a merchant. */
export interface Receiver {
  readonly port: number;
  /** Waits until so many messages have come. @returns all of them. */
  count(messages: number): Promise<readonly Message[]>;
  stop(): Promise<void>;
}

/** Starts one, with the certificate for `localhost` that the mesh's authority gave to the gateway. */
export async function startReceiver(): Promise<Receiver> {
  const [cert, key] = ['.pem', '-key.pem'].map((end) => readFileSync(join(stateDir, `certs/edge-gateway-https${end}`)));
  const received: Message[] = [];
  const arrivals = new EventTarget();
  const server = createServer({ cert, key }, async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    response.writeHead(204).end();
    arrivals.dispatchEvent(new Event('message'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    count: async (messages) => {
      const signal = AbortSignal.timeout(WAIT_MS);
      while (received.length < messages) {
        await once(arrivals, 'message', { signal }).catch(() => assert.fail(`${received.length} of ${messages} came`));
      }
      return received;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Reads a message by the scheme of Standard Webhooks. @throws unless the secret signed it, a moment ago. */
export function verified({ body, headers }: Message, secret: string): Readonly<Record<string, unknown>> {
  const signed = Object.fromEntries(SIGNATURE.map((name) => [name, String(headers[name])]));
  return new Webhook(secret).verify(body, signed) as Record<string, unknown>;
}
