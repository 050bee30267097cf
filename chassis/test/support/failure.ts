import { type ServiceError, status } from '@grpc/grpc-js';
import { isServiceError, type RpcStatus, readStatus } from '../../src/lib/status.ts';

/** How a call failed: gRPC's own fields, and what its `google.rpc.Status` says. */
export interface Failure extends Omit<RpcStatus, 'code'> {
  readonly code: string | undefined;
  readonly error: ServiceError;
}

/** Waits for a call to fail. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  try {
    await call;
  } catch (error) {
    if (!isServiceError(error)) throw error;
    return { ...readStatus(error), code: status[error.code], error };
  }
  throw new Error('the call did not fail');
}

/** Everything of a failed call that reached the client, as one text. */
export function wireOf({ error }: Failure): string {
  const values = Object.values(error.metadata.toJSON()).flat();
  return [error.details, ...values.map((value) => (typeof value === 'string' ? value : value.toString('latin1')))].join(
    '\n',
  );
}
