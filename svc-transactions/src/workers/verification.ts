import type { Logger } from '@malla/chassis/logger';
import type { GaugeSource } from '@malla/chassis/metrics';
import type { Clock } from '../domain/clock.ts';
import type { VerifyLedger } from '../domain/ledger/verify.ts';

/** The job that looks whether the ledger adds up. */
export interface Verification {
  /** Looks at the whole ledger. What does not add up is logged as an error each. @throws Error when it cannot be read. */
  run(): Promise<void>;
  /** What the last look of this replica found, and when that was. Nothing before the first one. */
  readonly gauges: readonly GaugeSource[];
}

export function createVerification(verifyLedger: VerifyLedger, clock: Clock, log: Logger): Verification {
  let last: { readonly faults: number; readonly seconds: number } | undefined;
  const gauge = (name: string, help: string, value: 'faults' | 'seconds'): GaugeSource => ({
    ...{ name, help, ageMsMax: 0 },
    read: async () => (last ? [{ value: last[value] }] : []),
  });
  return {
    run: async () => {
      const { faults } = await verifyLedger();
      for (const { kind, subject, expectedMinor, actualMinor } of faults) {
        const numbers = { expected: `${expectedMinor}`, actual: `${actualMinor}` };
        log.error({ kind, subject, ...numbers }, 'the ledger does not add up');
      }
      last = { faults: faults.length, seconds: clock.now().getTime() / 1_000 };
    },
    gauges: [
      gauge('malla_ledger_faults', 'What did not add up when the whole ledger was last looked at.', 'faults'),
      gauge('malla_ledger_verified_timestamp_seconds', 'When the whole ledger was last looked at.', 'seconds'),
    ],
  };
}
