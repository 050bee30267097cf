import type { UnaryHandler } from '@malla/chassis/unary';
import type { VerifyLedgerRequest, VerifyLedgerResponse } from '@malla/proto/malla/transactions/v1/ledger_service';
import type { LedgerRpcDeps } from './deps.ts';
import { toFaultMessage } from './ledger-mapper.ts';

export function verifyLedgerHandler({
  verifyLedger,
}: LedgerRpcDeps): UnaryHandler<VerifyLedgerRequest, VerifyLedgerResponse> {
  return async () => {
    const { faults, transferCount } = await verifyLedger();
    return { faults: faults.map(toFaultMessage), transferCount };
  };
}
