import type { Once as StoredOnce } from '@malla/chassis/idempotency';
import type { Once } from '../domain/payments/ports.ts';

/** Has a use case finish with its own result, which is stored as the response that it becomes. */
export function once<Result, Message, Response>(
  stored: StoredOnce<Response>,
  toMessage: (result: Result) => Message,
  toResponse: (message: Message) => Response,
): Once<Result> {
  return { begin: stored.begin, finish: (result) => stored.finish(toResponse(toMessage(result))) };
}
