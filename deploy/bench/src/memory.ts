import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Pool } from 'undici';
import type { Fixture } from './translation.ts';

/** How much to ask for, and when to look at the heap for the first time. */
export interface MemoryPlan {
  readonly requests: number;
  readonly settledAfter: number;
  readonly clients: number;
}

/** The gateway's heap after a garbage collection, in bytes. */
export interface Heaps {
  readonly settled: number;
  readonly end: number;
}

type RandomRequest = Parameters<Pool['request']>[0];

/**
 * Requests of every kind, no two alike: answered, cached, failed where an answer would be kept, refused for their path, query or
 * body, with keys and without.
 */
const KINDS: readonly (() => RandomRequest)[] = [
  () => ({ method: 'GET', path: `/v1/testing/items/${randomUUID()}` }),
  () => ({ method: 'GET', path: `/v1/testing/cachedItems/${randomUUID()}` }),
  () => ({ method: 'GET', path: `/v1/testing/stores/1/products/${randomUUID()}` }),
  () => ({ method: 'GET', path: `/v1/testing/cachedItems/1?${randomUUID()}=1` }),
  () => ({ method: 'GET', path: `/v1/${randomUUID()}/${randomUUID()}` }),
  () => post('/v1/testing/things', { thing: { [randomUUID()]: randomUUID(), displayName: randomText() } }),
  () => post(`/v1/testing/things/${randomUUID()}:cancel`, {}),
  () => post('/v1/testing/echo', { text: randomText() }),
];

/**
 * Sends random requests to the gateway, and looks at its heap after `settledAfter` of them and at the end.
 * @throws when the connection fails. What a request is answered is not looked at.
 */
export async function measureMemory(fixture: Fixture, { requests, settledAfter, clients }: MemoryPlan): Promise<Heaps> {
  const pool = new Pool(fixture.url, { connections: clients, connect: { ca: fixture.ca } });
  try {
    await send(pool, settledAfter, clients);
    const settled = await heapOf(fixture);
    await send(pool, requests - settledAfter, clients);
    return { settled, end: await heapOf(fixture) };
  } finally {
    await pool.close();
  }
}

async function send(pool: Pool, requests: number, clients: number): Promise<void> {
  let sent = 0;
  const client = async () => {
    for (; sent < requests; ) {
      sent += 1;
      const kind = KINDS[randomInt(KINDS.length)] as () => RandomRequest;
      const { body } = await pool.request({ ...kind(), headersTimeout: 60_000 });
      await body.dump();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

async function heapOf({ child }: Fixture): Promise<number> {
  child.send({ to: 'gateway', message: {} });
  const [{ heapUsedBytes }] = await once(child, 'message');
  return heapUsedBytes;
}

function post(path: string, body: object): RandomRequest {
  const headers = {
    'content-type': 'application/json',
    'idempotency-key': randomUUID(),
    'x-request-id': randomUUID(),
    'user-agent': randomText(),
  };
  return { method: 'POST', path, headers, body: JSON.stringify(body) };
}

function randomText(): string {
  return randomBytes(randomInt(1, 200)).toString('base64');
}
