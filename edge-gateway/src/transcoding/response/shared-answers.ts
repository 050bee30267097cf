import type { RpcContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';
import type { Binding } from '../routing/binding.ts';

/** Returns true when all clients may share the answers of a binding: everybody gets the same, and the URL is all of the request. */
export function isShared({ rpc: { policy }, httpMethod, body }: Binding): boolean {
  const whole = httpMethod === 'GET' && body === undefined;
  return whole && policy.access === Access.PUBLIC && lifetimeMsOf(policy.cacheLifetime) > 0;
}

/** The lifetime of a policy in milliseconds; 0 when it has none. */
export function lifetimeMsOf(lifetime: RpcContract['policy']['cacheLifetime']): number {
  return lifetime ? Number(lifetime.seconds) * 1000 + lifetime.nanos / 1e6 : 0;
}
