import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { mesh } from '@malla/chassis/testing/certificates';
import { Webhook } from 'standardwebhooks';

const WAIT_MS = 10_000;

/** A message as it came. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a message. Default: 204. */
export type Answer = (message: Received, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

/** An HTTPS server that merchants might have. Its certificate is one of the tests' authority, for `localhost`. */
export interface Receiver {
  readonly port: number;
  readonly received: readonly Received[];
  url(path?: string): string;
  /** How messages are answered from now on. */
  answer(answer: Answer): void;
  /** Waits until so many have come, and answers them all. */
  count(messages: number): Promise<readonly Received[]>;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const { cert, key } = await (await mesh).issue('receiver');
  const received: Received[] = [];
  let answer: Answer = (_message, response) => void response.writeHead(204).end();
  const arrivals = new EventTarget();
  const server = createServer({ cert, key }, async (request, response) => {
    const message = { path: request.url ?? '', headers: request.headers, body: await text(request) };
    received.push(message);
    arrivals.dispatchEvent(new Event('message'));
    await answer(message, response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    received,
    url: (path = '/hooks') => `https://localhost:${port}${path}`,
    answer: (next) => {
      answer = next;
    },
    count: async (messages) => {
      const signal = AbortSignal.timeout(WAIT_MS);
      while (received.length < messages) {
        await once(arrivals, 'message', { signal }).catch(() => {
          assert.fail(`${received.length} of ${messages} messages came`);
        });
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

/** Reads a message as a receiver should. @throws unless a secret signed it. */
export function verified({ body, headers }: Received, secret: string): { id: string; type: string; data: unknown } {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  return new Webhook(secret).verify(body, signed) as { id: string; type: string; data: unknown };
}
