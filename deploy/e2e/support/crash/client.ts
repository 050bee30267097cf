import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { ca } from '../mesh.ts';

/** What may be asked again, with the same key. */
const NOT_YET = ['IDEMPOTENCY_KEY_IN_USE', 'CONTENTION'];
/** Between two tries: longer each time, for who is away has to start first. */
const PAUSE_MS = { first: 50, most: 500 };
const ANSWER_MS = 25_000;
const PATIENCE_MS = 240_000;

/** An answer that stays as it is. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Ask {
  /** Tells an access token that is still good. */
  readonly token?: () => Promise<string>;
  readonly body?: unknown;
  /** The `Idempotency-Key`. */
  readonly key?: string;
}

/** A client that asks the same again until it is answered. */
export interface Client {
  /** @throws Error when nobody answers for four minutes. */
  ask(method: Dispatcher.HttpMethod, path: string, ask?: Ask): Promise<Answer>;
  /** The same; @throws Error when the answer is a refusal. */
  must(method: Dispatcher.HttpMethod, path: string, ask?: Ask): Promise<Readonly<Record<string, unknown>>>;
  /** Answers that should never be: 500 and the like. */
  readonly oddities: readonly string[];
  /** How often something was asked again. */
  readonly repeats: number;
  /** Lets go of what is asked. */
  close(): Promise<void>;
}

export function createClient(url: string): Client {
  const dispatcher = new Agent({ connect: { ca }, bodyTimeout: ANSWER_MS, headersTimeout: ANSWER_MS });
  const oddities: string[] = [];
  let [repeats, closed] = [0, false];
  const ask = async (method: Dispatcher.HttpMethod, path: string, { token, body, key }: Ask = {}): Promise<Answer> => {
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${await token()}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    const options = { method, dispatcher, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const end = Date.now() + PATIENCE_MS;
    for (let [last, pauseMs] = ['nothing', PAUSE_MS.first]; ; repeats += 1) {
      try {
        const response = await request(`${url}${path}`, options);
        const answer = toAnswer(response.statusCode, await response.body.text());
        if (answer.status === 500 || answer.status === 501)
          oddities.push(`${method} ${path}: ${JSON.stringify(answer)}`);
        if (isDefinite(answer)) return answer;
        last = `${answer.status} ${answer.reason}`;
      } catch (error) {
        last = String(error);
      }
      if (closed || Date.now() > end) throw new Error(`${method} ${path} is not answered: ${last}`);
      await sleep(pauseMs);
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS.most);
    }
  };
  return {
    ask,
    must: async (method, path, options) => {
      const { status, body } = await ask(method, path, options);
      if (status >= 300) throw new Error(`${method} ${path} is refused: ${status} ${JSON.stringify(body)}`);
      return body;
    },
    oddities,
    get repeats() {
      return repeats;
    },
    close: () => {
      closed = true;
      return dispatcher.destroy();
    },
  };
}

function toAnswer(status: number, text: string): Answer {
  const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
  return { status, body, reason: String(body.reason ?? '') };
}

function isDefinite({ status, reason }: Answer): boolean {
  if (status === 429 || status >= 500) return false;
  return !NOT_YET.includes(reason);
}
