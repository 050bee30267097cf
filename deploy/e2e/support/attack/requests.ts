import { randomInt } from 'node:crypto';
import { type Dispatcher, request } from 'undici';
import { type Attack, agent, type Target } from './target.ts';

const SEARCHES_PER_SECOND = 20;
const BODIES_AT_ONCE = 20;
const BODIES = 200;
const MEGABYTE = 1_000_000;

/** 20 searches a second whose price is beyond all that is sold, each with another. */
export const searches: Attack = (target, count) => {
  const dispatcher = agent(target, SEARCHES_PER_SECOND);
  const search = () => {
    const query = `currencyCode=EUR&priceMinMinor=${999_999_000_000 + randomInt(1_000_000)}`;
    void send(target, count, { path: `/v1/stores/products?${query}`, method: 'GET' }, dispatcher);
  };
  const timer = setInterval(search, 1_000 / SEARCHES_PER_SECOND);
  return () => {
    clearInterval(timer);
    void dispatcher.destroy();
  };
};

/** 200 bodies of 1 MB, 20 at once, of which each is costly in a way of its own. */
export const bodies: Attack = (target, count) => {
  const dispatcher = agent(target, BODIES_AT_ONCE);
  const costly = costlyBodies(target);
  let [sent, stopped] = [0, false];
  const work = async () => {
    while (sent < BODIES && !stopped) {
      const { path, body } = costly[sent % costly.length] as { path: string; body: string };
      sent += 1;
      await send(target, count, { path, method: 'POST', body }, dispatcher);
    }
  };
  for (let worker = 0; worker < BODIES_AT_ONCE; worker += 1) void work();
  return () => {
    stopped = true;
    void dispatcher.destroy();
  };
};

function costlyBodies({ storeId }: Target): { path: string; body: string }[] {
  const products = `/v1/stores/${storeId}/products`;
  const line = `{"name":"x","variants":[${list('{}')}]}`;
  return [
    { path: products, body: line },
    { path: `${products}:import`, body: `${line}\n` },
    {
      path: '/v1/transactions/webhookEndpoints',
      body: `{"url":"https://localhost","eventTypes":[${list('"x"')}]}`,
    },
    { path: products, body: `{${members()}}` },
  ];
}

const list = (element: string): string =>
  Array(Math.floor(MEGABYTE / (element.length + 1)))
    .fill(element)
    .join(',');

function members(): string {
  const parts: string[] = [];
  for (let size = 0; size < MEGABYTE; size += parts.at(-1)?.length ?? 0) parts.push(`"unknown${parts.length}":1`);
  return parts
    .join(',')
    .slice(0, MEGABYTE)
    .replace(/,[^,]*$/, '');
}

async function send(
  { port, ownerToken }: Target,
  count: (event: string) => void,
  { path, method, body }: { path: string; method: Dispatcher.HttpMethod; body?: string },
  dispatcher: Dispatcher,
): Promise<void> {
  const type = path.endsWith(':import') ? 'application/x-ndjson' : 'application/json';
  const headers = body === undefined ? {} : { 'content-type': type, authorization: `Bearer ${ownerToken}` };
  try {
    const answer = await request(`https://localhost:${port}${path}`, {
      method,
      headers,
      body: body ?? null,
      dispatcher,
    });
    await answer.body.dump();
    count(String(answer.statusCode));
  } catch (error) {
    count(error instanceof Error && 'code' in error ? String(error.code) : 'failed');
  }
}
