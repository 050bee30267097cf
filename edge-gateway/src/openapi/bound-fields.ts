import { rejectedLineFieldOf } from '../transcoding/request/rejected-line.ts';
import type { Binding } from '../transcoding/routing/binding.ts';

/** The JSON names of the fields that a body that is the whole message may not set: those of the path, and that of the gateway. */
export function boundFields({ rpc, pathFields }: Pick<Binding, 'rpc' | 'pathFields'>): ReadonlySet<string> {
  const ofPath = pathFields.filter(({ length }) => length === 1).map(([field]) => field);
  const rejected = rejectedLineFieldOf(rpc.method.input);
  return new Set([...ofPath, ...(rejected ? [rejected] : [])].map(({ jsonName }) => jsonName));
}
