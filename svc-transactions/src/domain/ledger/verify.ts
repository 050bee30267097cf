export type FaultKind = 'currency-sum' | 'transfer-sum' | 'balance' | 'pending' | 'floor' | 'payment';

/** Something that does not add up. */
export interface LedgerFault {
  readonly kind: FaultKind;
  /** A currency, an account's id, a transfer's id or a payment's id. */
  readonly subject: string;
  readonly expectedMinor: bigint;
  readonly actualMinor: bigint;
}

/** What a look at the whole ledger found. */
export interface LedgerReport {
  readonly faults: readonly LedgerFault[];
  readonly transferCount: bigint;
}

/** Reads the whole ledger at one moment and tells everything that does not add up, at most 100 of each kind. */
export type VerifyLedger = () => Promise<LedgerReport>;
