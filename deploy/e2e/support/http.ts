import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Agent, type Dispatcher, request } from 'undici';
import { ca, url } from './mesh.ts';

export const http1 = new Agent({ connect: { ca } });

/** What the gateway answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The JSON of the body; undefined when there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Call {
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly dispatcher?: Dispatcher;
}

/** Calls the gateway as an app does. */
export async function call(
  method: Dispatcher.HttpMethod,
  path: string,
  { body, token, headers, dispatcher }: Call = {},
): Promise<Answer> {
  const response = await request(`${url}${path}`, {
    method,
    dispatcher: dispatcher ?? http1,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.body.text();
  return { status: response.statusCode, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

/** Expects problem details (RFC 9457) with a status and a reason. */
export function assertProblem({ status, headers, body }: Answer, expectedStatus: number, reason: string): void {
  assert.deepEqual({ status, reason: body?.reason }, { status: expectedStatus, reason }, JSON.stringify(body));
  assert.match(String(headers['content-type']), /^application\/problem\+json/);
  assert.equal(body.status, expectedStatus);
  for (const member of ['type', 'title', 'detail', 'instance', 'request_id'])
    assert.ok(body[member], `has no ${member}`);
}

export const PASSWORD = 'correct horse battery staple';

export interface Person {
  readonly email: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Registers somebody new. */
export async function registerSomebody(): Promise<Person> {
  const email = `${randomUUID()}@example.com`;
  const { status, body } = await call('POST', '/v1/users/register', {
    body: { email, password: PASSWORD, display_name: 'Ada' },
  });
  assert.equal(status, 200, JSON.stringify(body));
  return { email, accessToken: String(body.access_token), refreshToken: String(body.refresh_token) };
}
