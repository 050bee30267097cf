import rateLimit from '@fastify/rate-limit';
import type { RpcContract } from '@malla/proto/contract';
import { RateClass } from '@malla/proto/malla/options/v1/policy.pb';
import type { App, Request } from '../arrival/app-types.ts';
import type { Config } from '../config.ts';
import { HttpProblem } from '../problems/problem.ts';

type Numbers = Pick<
  Config,
  | 'RATE_LIMIT_READ_PER_MINUTE'
  | 'RATE_LIMIT_WRITE_PER_MINUTE'
  | 'RATE_LIMIT_CREDENTIAL_PER_MINUTE'
  | 'RATE_LIMIT_WEBHOOK_PER_MINUTE'
>;
type Counted = Awaited<ReturnType<ReturnType<App['createRateLimit']>>>;
type Limiter = (request: Request) => Promise<Counted>;
type Usage = Exclude<Counted, { isAllowed: true }>;

export const WINDOW_MS = 60_000;
/** The maximum of counted clients of each class. The least recently seen client is dropped first. */
export const CLIENTS_MAX = 100_000;

/** The class whose budget a call of an RPC is counted against. */
export function rateClassOf({ policy, readOnly }: RpcContract): RateClass {
  if (policy.rateClass !== RateClass.UNSPECIFIED) return policy.rateClass;
  return readOnly ? RateClass.READ : RateClass.WRITE;
}

/**
 * Counts each call of an RPC against its client's budget for the RPC's class: by the subject of a verified token, else by
 * address. Calls that try secrets count by address as well, whoever makes them. Each replica counts alone.
 */
export async function addRateLimit(app: App, numbers: Numbers): Promise<void> {
  await app.register(rateLimit, { global: false });
  const limiter = (max: number, keyGenerator: (request: Request) => string): Limiter =>
    app.createRateLimit({
      max,
      timeWindow: WINDOW_MS,
      cache: CLIENTS_MAX,
      keyGenerator,
    } as object) as unknown as Limiter;
  const limiters: Readonly<Record<RateClass, readonly Limiter[]>> = {
    [RateClass.UNSPECIFIED]: [],
    [RateClass.READ]: [limiter(numbers.RATE_LIMIT_READ_PER_MINUTE, clientOf)],
    [RateClass.WRITE]: [limiter(numbers.RATE_LIMIT_WRITE_PER_MINUTE, clientOf)],
    [RateClass.CREDENTIAL]: [
      limiter(numbers.RATE_LIMIT_CREDENTIAL_PER_MINUTE, clientOf),
      limiter(numbers.RATE_LIMIT_CREDENTIAL_PER_MINUTE, addressOf),
    ],
    [RateClass.WEBHOOK]: [limiter(numbers.RATE_LIMIT_WEBHOOK_PER_MINUTE, addressOf)],
  };
  app.addHook('onRequest', async (request, reply) => {
    const rpc = request.routeOptions.config.transcoder?.binding.rpc;
    if (!rpc) return;
    for (const limit of limiters[rateClassOf(rpc)]) {
      const usage = await limit(request);
      if (usage.isAllowed) continue;
      reply.headers(budgetHeaders(usage));
      if (usage.isExceeded) throw exceeded(usage);
    }
  });
}

/** Returns the client that pays for a call: the subject of a verified token, else the address. */
export function clientOf(request: Request): string {
  return request.token ? `${request.token.issuer.issuer} ${request.token.claims.sub}` : addressOf(request);
}

function addressOf({ clientAddress }: Request): string {
  return clientAddress;
}

/** The headers of draft-ietf-httpapi-ratelimit-headers. */
function budgetHeaders({ max, remaining, ttlInSeconds }: Usage): Record<string, string> {
  return {
    'ratelimit-limit': String(max),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(ttlInSeconds),
  };
}

/** Makes the problem of a spent budget, with the time of the next attempt. */
export function exceeded({ ttlInSeconds }: Pick<Usage, 'ttlInSeconds'>): HttpProblem {
  const wait = Math.max(1, ttlInSeconds);
  return new HttpProblem(429, 'RATE_LIMIT_EXCEEDED', `Too many requests. Try again in ${wait} seconds.`, {
    headers: { 'retry-after': String(wait) },
  });
}
