export type FaultKind =
  | 'currency-sum'
  | 'transfer-sum'
  | 'balance'
  | 'pending'
  | 'floor'
  | 'payment'
  | 'hold'
  | 'record'
  | 'transfer';

/** Something that does not add up. */
export interface LedgerFault {
  readonly kind: FaultKind;
  /** A currency, an account's id, a transfer's id or a payment's id. */
  readonly subject: string;
  /** 0, as `actualMinor` is, where no amount is wrong. */
  readonly expectedMinor: bigint;
  readonly actualMinor: bigint;
  /** What more there is to say, for people. */
  readonly detail: string;
}

/** What a look at the whole ledger found. */
export interface LedgerReport {
  readonly faults: readonly LedgerFault[];
  readonly transferCount: bigint;
}

/**
 * Reads the whole ledger at one moment and tells everything that does not add up, at most 100 of each kind.
 * @param signal ends it before that, with its reason thrown. Default: that of the call, when there is one.
 */
export type VerifyLedger = (signal?: AbortSignal) => Promise<LedgerReport>;

/** The faults that a look at the ledger has found so far. */
export interface Faults {
  /** Has no effect when there are 100 of its kind already. */
  add(fault: Omit<LedgerFault, 'detail'> & Partial<LedgerFault>): void;
  isFull(kind: FaultKind): boolean;
  readonly list: readonly LedgerFault[];
}

/** How many of each kind are told at most. */
export const FAULTS_MAX = 100;

export function createFaults(): Faults {
  const list: LedgerFault[] = [];
  const isFull = (kind: FaultKind) => list.filter((fault) => fault.kind === kind).length >= FAULTS_MAX;
  return {
    list,
    isFull,
    add: (fault) => {
      if (!isFull(fault.kind)) list.push({ detail: '', ...fault });
    },
  };
}
