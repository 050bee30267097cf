/**
 * Starts a call without the stack that grpc-js takes of every call in case it fails: here it would only ever show Fastify's own
 * functions, and taking it costs more than putting the message together.
 */
export function withoutStackTrace<Result>(start: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return start();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
