import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a provider is asked to do. */
interface Asked {
  readonly kind: string;
  /** The payment's id. */
  readonly reference: string;
}

/** Stands before a provider, and holds up what it is asked to do. */
export interface Gate {
  readonly url: string;
  /** How many requests are held up. */
  readonly held: number;
  /** Sends requests on to a provider. */
  connect(providerUrl: string): void;
  /** Holds up some of what comes from now on. */
  holdUp(isHeldUp: (asked: Asked) => boolean): void;
  /** Lets one go that is held up. */
  releaseOne(): void;
  stop(): void;
}

export async function startGate(): Promise<Gate> {
  let providerUrl = '';
  let isHeld = (_asked: Asked) => false;
  const waiting: (() => void)[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', headers, url = '' } = request;
    const body = await buffer(request);
    if (method === 'POST' && isHeld(JSON.parse(body.toString()) as Asked)) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    const { authorization = '', 'content-type': contentType = '' } = headers;
    const init = { method, headers: { authorization, 'content-type': contentType } };
    const answer = await fetch(new URL(url, providerUrl), method === 'POST' ? { ...init, body } : init);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get held() {
      return waiting.length;
    },
    connect: (url) => {
      providerUrl = url;
    },
    holdUp: (which) => {
      isHeld = which;
    },
    releaseOne: () => waiting.shift()?.(),
    stop: () => void server.close(),
  };
}
