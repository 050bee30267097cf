import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { isServiceError, type RpcStatus, readStatus } from '@malla/chassis/status';

/** Expects a call to fail with a code and a reason. @returns what else it said. */
export async function rejectsWith(
  call: Promise<unknown>,
  code: keyof typeof status,
  reason: string,
): Promise<RpcStatus> {
  const outcome = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isServiceError(outcome), `expected ${code} ${reason}, got ${String(outcome)}`);
  const said = readStatus(outcome);
  assert.deepEqual({ code: status[said.code], reason: said.reason }, { code, reason });
  return said;
}
