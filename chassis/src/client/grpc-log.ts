import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';

/**
 * Silences the log of grpc-js itself, unless its own `GRPC_VERBOSITY` asks for one. It writes plain text on standard error,
 * and in it the value of any metadata that it cannot read: an access token, for one.
 */
export function silenceGrpc(): void {
  if (process.env.GRPC_VERBOSITY === undefined) setLogVerbosity(logVerbosity.NONE);
}
