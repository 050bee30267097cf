import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { isServiceError, type RpcStatus, readStatus } from '@malla/chassis/status';

/** What the gateway answers as 400: it names a field. */
const NAMES_A_FIELD: ReadonlySet<keyof typeof status> = new Set([
  'INVALID_ARGUMENT',
  'FAILED_PRECONDITION',
  'OUT_OF_RANGE',
]);

/** Expects a call to fail with a code and a reason, and to name a field where that is what clients are promised. @returns what else it said. */
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
  if (NAMES_A_FIELD.has(code)) assert.ok(said.fields.length > 0, `${reason} names no field`);
  return said;
}
