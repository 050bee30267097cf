import type { Binding } from '../routing/binding.ts';
import { isHttpBody, takesRawBody } from './request-body.ts';

/** The media type of the bodies that a binding takes; undefined when it takes none. */
export function requestType(binding: Binding): 'application/x-ndjson' | '*/*' | 'application/json' | undefined {
  if (binding.rpc.method.methodKind === 'client_streaming') return 'application/x-ndjson';
  if (binding.body === undefined) return undefined;
  return takesRawBody(binding) ? '*/*' : 'application/json';
}

/** Returns true when the body of a binding's answers is raw bytes. */
export function answersRawBody({ rpc, responseBody }: Binding): boolean {
  return isHttpBody(responseBody ? responseBody.message : rpc.method.output);
}
