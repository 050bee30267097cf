import type { Metadata } from '@grpc/grpc-js';
import type { CallOptions } from '@malla/chassis/channel';
import type { RpcContract } from '@malla/proto/contract';
import { IdempotencyKey } from '@malla/proto/malla/options/v1/policy.pb';
import type { Reply, Request } from '../arrival/app-types.ts';
import { type HttpProblem, headerProblem } from '../problems/problem.ts';
import { takesRawBody } from '../transcoding/request/request-body.ts';
import type { Binding } from '../transcoding/routing/binding.ts';
import { addProof, metadataOf } from './rpc-metadata.ts';

const IDEMPOTENCY_KEY = 'idempotency-key';
const IDEMPOTENT_REPLAYED = 'idempotent-replayed';
const KEY = /^(?:"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/;
const SECONDS = /^\d{1,6}(\.\d{1,3})?$/;

/**
 * How to call an RPC for a request: with its metadata, its idempotency key, and for no longer than it wants to wait.
 * @throws HttpProblem 400 when a header is missing or malformed.
 */
export function callOptions(binding: Binding, request: Request, signal?: AbortSignal): CallOptions {
  const { rpc } = binding;
  const metadata = metadataOf(request);
  if (takesRawBody(binding)) addProof(metadata, request);
  addIdempotencyKey(rpc, request, metadata);
  const timeoutMs = requestTimeoutMs(request.headers['x-request-timeout']);
  return { metadata, ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
}

/** `X-Request-Timeout` in seconds, as `2` or `0.5`. It only ever shortens the policy's deadline. */
export function requestTimeoutMs(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && SECONDS.test(header) && Number(header) > 0) return Number(header) * 1000;
  const words = 'X-Request-Timeout must be a number of seconds above zero, such as 2 or 0.5.';
  throw headerProblem(400, 'REQUEST_TIMEOUT_INVALID', 'X-Request-Timeout', words);
}

/** `Idempotency-Key` of 1 to 255 printable characters, as it is or quoted (draft-ietf-httpapi-idempotency-key-header). */
function addIdempotencyKey({ policy }: RpcContract, request: Request, metadata: Metadata): void {
  if (policy.idempotencyKey === IdempotencyKey.UNSPECIFIED) return;
  const header = request.headers[IDEMPOTENCY_KEY];
  if (header === undefined) {
    if (policy.idempotencyKey === IdempotencyKey.OPTIONAL) return;
    throw keyProblem('IDEMPOTENCY_KEY_MISSING', 'This method requires the Idempotency-Key header.');
  }
  const [, quoted, plain] = KEY.exec(String(header)) ?? [];
  const key = quoted ?? plain;
  if (!key) throw keyProblem('IDEMPOTENCY_KEY_INVALID', 'Idempotency-Key must have 1 to 255 printable characters.');
  metadata.set(IDEMPOTENCY_KEY, key);
}

function keyProblem(reason: string, detail: string): HttpProblem {
  return headerProblem(400, reason, 'Idempotency-Key', detail);
}

/** Sets `Idempotent-Replayed` on the stored answer of an earlier request with the same key. */
export function setReplayHeader(answered: Metadata, reply: Reply): void {
  if (answered.get(IDEMPOTENT_REPLAYED)[0] === 'true') reply.header(IDEMPOTENT_REPLAYED, 'true');
}
