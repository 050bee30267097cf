import { Pool } from 'undici';
import type { Mesh } from '../environment.ts';

const CONNECTIONS = 64;

/** What the gateway answered. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The gateway as an app sees it. */
export interface Api {
  /** Sends a POST. Whatever is answered is an answer. */
  post(path: string, body: object, token?: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Sends a POST. @throws Error unless it was answered by 200. */
  ok(path: string, body: object, token?: string): Promise<Answer['body']>;
  close(): Promise<void>;
}

/** Opens keep-alive connections to the gateway. */
export function openApi({ url, ca }: Mesh): Api {
  const pool = new Pool(url, { connections: CONNECTIONS, connect: { ca } });
  const post: Api['post'] = async (path, body, token, more = {}) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...authorization, ...more };
    const answer = await pool.request({ method: 'POST', path, headers, body: JSON.stringify(body) });
    return { status: answer.statusCode, body: (await answer.body.json()) as Answer['body'] };
  };
  return {
    post,
    ok: async (path, body, token) => {
      const answer = await post(path, body, token);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    close: () => pool.close(),
  };
}
