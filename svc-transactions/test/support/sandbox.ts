import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Metadata } from '@grpc/grpc-js';
import type { SandboxConfig } from '../../src/sandbox/config.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import type { SandboxPayment } from '../../src/sandbox/store.ts';
import type { Clients } from './clients.ts';

const SIGNATURE = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];

/** A running sandbox, and the edge of the mesh as far as its notifications go. */
export interface TestSandbox {
  readonly url: string;
  readonly apiKey: string;
  readonly webhookSecret: string;
  /** Where notifications go. */
  readonly edgeUrl: string;
  /** A file that another sandbox may use. */
  readonly secondDatabaseFile: string;
  /** Lets notifications through to a service; until then they are not taken. */
  connect(clients: Clients): void;
  /** The sandbox's own record of a payment. */
  recordOf(paymentId: string): Promise<SandboxPayment | undefined>;
  records(): Promise<SandboxPayment[]>;
  answerChallenge(actionUrl: string, answer: 'pass' | 'fail'): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestSandbox(folder: string): Promise<TestSandbox> {
  const apiKey = randomBytes(16).toString('hex');
  const webhookSecret = randomBytes(32).toString('base64');
  const edge = await startEdge();
  const config: SandboxConfig = {
    SANDBOX_HOST: '127.0.0.1',
    SANDBOX_PORT: 0,
    SANDBOX_DATABASE_FILE: join(folder, 'sandbox.sqlite'),
    SANDBOX_API_KEY: apiKey,
    SANDBOX_WEBHOOK_SECRET: webhookSecret,
    SANDBOX_WEBHOOK_URL: edge.url,
    LOG_LEVEL: 'silent',
  };
  const { port, stop } = await startSandbox(config);
  const url = `http://127.0.0.1:${port}`;
  const records = async () => {
    const response = await fetch(`${url}/v1/payments`, { headers: { authorization: `Bearer ${apiKey}` } });
    return (await response.json()) as SandboxPayment[];
  };
  return {
    ...{ url, apiKey, webhookSecret, records, connect: edge.connect, edgeUrl: edge.url },
    secondDatabaseFile: join(folder, 'second.sqlite'),
    recordOf: async (paymentId) => (await records()).find(({ reference }) => reference === paymentId),
    answerChallenge: async (actionUrl, answer) => {
      const response = await fetch(`${actionUrl}/${answer}`, { method: 'POST' });
      if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
    },
    stop: async () => {
      await stop();
      edge.stop();
    },
  };
}

/** Takes notifications as the gateway does: raw bytes, with the headers that sign them. */
async function startEdge() {
  let clients: Clients | undefined;
  const server = createServer(async (request, response) => {
    const data = await buffer(request);
    const metadata = new Metadata();
    for (const name of SIGNATURE) metadata.set(name, String(request.headers[name]));
    const content = { contentType: 'application/json', data, extensions: [] };
    const taken = await clients?.providers.receiveProviderWebhook({ provider: 'sandbox', content }, { metadata }).then(
      () => 200,
      () => 500,
    );
    response.writeHead(taken ?? 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    connect: (to: Clients) => {
      clients = to;
    },
    stop: () => void server.close(),
  };
}
