import type { Logger } from '@malla/chassis/logger';
import type { GaugeSource } from '@malla/chassis/metrics';
import type { Clock } from '../domain/clock.ts';
import type { VerifyLedger } from '../domain/ledger/verify.ts';

/** The job that looks whether the ledger adds up. */
export interface Verification {
  /**
   * Looks at the whole ledger, unless the process is to stop before that is done. What does not add up is logged as an error
   * each. @throws Error when it cannot be read.
   */
  run(stopping: AbortSignal): Promise<void>;
  /**
   * What the last look of this replica found, and when that was. Before the first one nobody knows what there is to find, and
   * the time is 0: an alarm for looks that are too long ago goes off when there is none at all.
   */
  readonly gauges: readonly GaugeSource[];
}

export function createVerification(verifyLedger: VerifyLedger, clock: Clock, log: Logger): Verification {
  let last: { readonly faults: number; readonly seconds: number } | undefined;
  const gauge = (name: string, help: string, read: () => number | undefined): GaugeSource => ({
    ...{ name, help, ageMsMax: 0 },
    read: async () => [read()].flatMap((value) => (value === undefined ? [] : [{ value }])),
  });
  const faultsUnless = async (stopping: AbortSignal) => {
    try {
      return (await verifyLedger(stopping)).faults;
    } catch (error) {
      if (stopping.aborted) return undefined;
      throw error;
    }
  };
  return {
    run: async (stopping) => {
      const faults = await faultsUnless(stopping);
      if (!faults) return;
      for (const { kind, subject, expectedMinor, actualMinor, detail } of faults) {
        const numbers = { expected: `${expectedMinor}`, actual: `${actualMinor}` };
        log.error({ kind, subject, ...numbers, detail }, 'the ledger does not add up');
      }
      last = { faults: faults.length, seconds: clock.now().getTime() / 1_000 };
    },
    gauges: [
      gauge('malla_ledger_faults', 'What did not add up when the whole ledger was last looked at.', () => last?.faults),
      gauge(
        'malla_ledger_verified_timestamp_seconds',
        'When the whole ledger was last looked at.',
        () => last?.seconds ?? 0,
      ),
    ],
  };
}
