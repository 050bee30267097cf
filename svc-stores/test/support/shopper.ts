import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { type Clients, connect } from './clients.ts';
import { newReservationId } from './shop.ts';

/** What the parent tells a process of shoppers. */
export interface ShopperOptions {
  readonly target: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly variantIds: readonly string[];
  readonly shoppers: number;
  /** Whether the shoppers stop for ever between reserving and committing, to be killed there. */
  readonly doomed: boolean;
}

/** What a process of shoppers tells the parent: how many of each answer it had, and what it bought. */
export interface ShopperReport {
  readonly answers: Readonly<Record<string, number>>;
  readonly bought: number;
}

const BUYS_BEFORE_DOOM = 2;
const ROUNDS_WITHOUT_STOCK_MAX = 12;
const RETRY_MS = 50;
const RETRIES_MAX = 60;
/** A replica was killed, or the machine had no time. */
const UNANSWERED = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED]);

/** A process in which shoppers buy baskets that overlap until there is nothing left. */
async function shop(options: ShopperOptions): Promise<void> {
  const tls = {
    ca: Buffer.from(options.tls.ca),
    cert: Buffer.from(options.tls.cert),
    key: Buffer.from(options.tls.key),
  };
  const clients = connect(options.target, tls);
  const answers: Record<string, number> = {};
  const bought = await Promise.all(Array.from({ length: options.shoppers }, () => buyAll(clients, options, answers)));
  process.send?.({ answers, bought: bought.reduce((sum, units) => sum + units, 0) } satisfies ShopperReport);
  process.disconnect?.();
  clients.channel.close();
}

async function buyAll(clients: Clients, { variantIds, doomed }: ShopperOptions, answers: Record<string, number>) {
  const counted = <Result>(call: () => Promise<Result>) => retried(call, answers);
  let bought = 0;
  for (let buys = 0, without = 0; without < ROUNDS_WITHOUT_STOCK_MAX; ) {
    const lines = basketOf(variantIds);
    const reservationId = newReservationId();
    const request = { reservationId, ownerId: 'shopper', lines, lifetime: { seconds: 3n, nanos: 0 } };
    const reserved = await counted(() => clients.reservations.reserveStock(request));
    without = reserved ? 0 : without + 1;
    if (!reserved) continue;
    if (doomed && buys >= BUYS_BEFORE_DOOM) {
      process.send?.('holding');
      await sleep(3_600_000);
    }
    if (Math.random() < 0.2) await counted(() => clients.reservations.releaseReservation({ reservationId }));
    else if (await counted(() => clients.reservations.commitReservation({ reservationId }))) {
      buys += 1;
      bought += lines.reduce((sum, { quantity }) => sum + quantity, 0);
    }
  }
  return bought;
}

/** Calls until there is an answer: what was lost is asked for again, by the same id. */
async function retried<Result>(
  call: () => Promise<Result>,
  answers: Record<string, number>,
): Promise<Result | undefined> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isServiceError(error)) throw error;
      const { code, reason = '' } = readStatus(error);
      const answer = `${status[code]} ${reason}`.trim();
      answers[answer] = (answers[answer] ?? 0) + 1;
      if (!UNANSWERED.has(code) || tries === RETRIES_MAX) return undefined;
      await sleep(RETRY_MS);
    }
  }
}

/** One to five variants, one to three units of each, in no order. */
function basketOf(variantIds: readonly string[]) {
  const shuffled = variantIds.toSorted(() => Math.random() - 0.5);
  const count = 1 + Math.floor(Math.random() * 5);
  return shuffled.slice(0, count).map((variantId) => ({ variantId, quantity: 1 + Math.floor(Math.random() * 3) }));
}

process.once('message', (options: ShopperOptions) => void shop(options));
