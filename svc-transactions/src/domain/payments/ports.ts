import type { Clock } from '../clock.ts';
import type { Ledger } from '../ledger/transfer.ts';
import type { StoreStaff, Transact } from '../ports.ts';
import type { Reached } from '../steps.ts';
import type { Events } from '../webhooks/event.ts';
import type { Payment, Refund } from './payment.ts';
import type { DisputeState, Operation, PaymentProvider } from './provider.ts';

/** What has an effect once, however often it is asked for: the request's `Idempotency-Key`. */
export interface Once<Result> {
  /**
   * Called first in the transaction that has the effect; does not return when the request was finished before.
   * @param subject a new id for what the request makes.
   * @returns the same; another when an earlier try of the request made that, and died before it could answer.
   */
  begin(subject: string): Promise<string>;
  /** Called last in the transaction that ends the effect. */
  finish(result: Result): Promise<void>;
}

export interface Payments {
  read(paymentId: string): Promise<Payment | undefined>;
  /** Reads several payments, by their ids. */
  readAll(paymentIds: readonly string[]): Promise<ReadonlyMap<string, Payment>>;
  /** The payment that the provider has under an id of its own. */
  findByReference(reference: string): Promise<Payment | undefined>;
  /** Finds and locks, within a transaction. Whoever changes a payment, its refunds or its operations locks it first. */
  lock(paymentId: string): Promise<Payment | undefined>;
  add(payment: Payment): Promise<void>;
  save(payment: Payment): Promise<void>;
  /** A user's or a store's payments, newest first, that are older than the payment `before`. */
  list(of: { userId: string } | { storeId: string }, limit: number, before: string | undefined): Promise<Payment[]>;
  /**
   * Finds and locks an authorised payment whose authorisation is over, within a transaction. One that the provider refused to
   * let go of is found later each time, unless its authorisation was over at `longAgo`.
   */
  lockOver(now: Date, longAgo: Date): Promise<Payment | undefined>;
}

export interface Refunds {
  add(refund: Refund): Promise<void>;
  read(refundId: string): Promise<Refund | undefined>;
  save(refund: Refund): Promise<void>;
  /** The refunds of a payment, newest first, that are older than the refund `before`. */
  list(paymentId: string, limit: number, before: string | undefined): Promise<Refund[]>;
  /** The latest refunds of a payment that were paid back, newest first. */
  listPaid(paymentId: string, limit: number): Promise<Refund[]>;
}

export interface Operations {
  /** Adds an operation that is tried again at `nextTryTime` unless it has ended by then. */
  add(operation: Operation, nextTryTime: Date): Promise<void>;
  /** Finds an operation that has not ended. */
  findOpen(operationId: string): Promise<Operation | undefined>;
  /** The operation of a payment that has not ended, refunds aside. */
  findOpenOf(paymentId: string): Promise<Operation | undefined>;
  /** The refund that an operation is of, whether it has ended or not; undefined when it is of none. */
  refundOf(operationId: string): Promise<{ paymentId: string; refundId: string } | undefined>;
  /** Says when an operation is tried again, how often it was, and what the provider calls its payment. */
  postpone(operation: Operation, nextTryTime: Date): Promise<void>;
  close(operationId: string): Promise<void>;
}

/** A way for a user to pay. */
export interface PaymentMethod {
  readonly paymentMethodId: string;
  readonly userId: string;
  readonly provider: string;
  readonly token: string;
  readonly brand: string;
  readonly last4: string;
  readonly expiryMonth: number;
  readonly expiryYear: number;
  readonly isDefault: boolean;
  readonly createTime: Date;
}

export interface PaymentMethods {
  /** A user's payment methods, newest first. */
  list(userId: string): Promise<PaymentMethod[]>;
  /** The same, one transaction after the other for each user. */
  lockAll(userId: string): Promise<PaymentMethod[]>;
  add(method: PaymentMethod): Promise<void>;
  setDefault(userId: string, paymentMethodId: string): Promise<void>;
  remove(paymentMethodId: string): Promise<void>;
}

/** What a bank takes back. */
export interface Dispute {
  readonly disputeId: string;
  readonly paymentId: string;
  readonly amountMinor: bigint;
  readonly state: DisputeState;
}

export interface Disputes {
  /** Finds a dispute; undefined when it was never heard of. Within the lock of its payment. */
  find(disputeId: string): Promise<Pick<Dispute, 'paymentId' | 'state' | 'amountMinor'> | undefined>;
  /** What the open disputes of a payment have set aside, in minor units. Within the lock of the payment. */
  openMinor(paymentId: string): Promise<bigint>;
  put(dispute: Dispute): Promise<void>;
}

/** The purchase of a payment, which follows the money. Does nothing for a payment of its own. */
export interface PurchaseOfPayment {
  /**
   * Locks the purchase: before its payment is. @throws DomainError `precondition` (PURCHASE_STATE_WRONG) unless it is captured,
   * or given up while its money was taken.
   */
  lock(payment: Payment): Promise<void>;
  /** Goes on with a purchase that waits for a payment, since something became of that. Not within a transaction. */
  wake(paymentId: string): Promise<void>;
  /** A refund has ended, and the payment is saved. */
  refundEnded(payment: Payment, refund: Refund): Promise<void>;
  /** A refund that had succeeded has failed after all, and the payment is saved. */
  refundReturned(payment: Payment, refund: Refund): Promise<void>;
  /** A dispute was lost, and the payment is saved. */
  disputeLost(payment: Payment): Promise<void>;
}

/** Whether there is a store that sells. */
export interface StoreDirectory {
  /**
   * @param field what of the request names the store.
   * @throws DomainError `not-found` (STORE_NOT_FOUND), `precondition` (STORE_CLOSED).
   */
  requireOpenStore(storeId: string, field: string): Promise<void>;
}

/** What the use cases of payments need. */
export interface PaymentDeps {
  readonly transact: Transact;
  /** Runs work that goes on when the client has left, with an EntityManager of its own. */
  readonly detached: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly operations: Operations;
  readonly methods: PaymentMethods;
  readonly disputes: Disputes;
  readonly purchaseOf: PurchaseOfPayment;
  readonly ledger: Ledger;
  /** Who changes something tells of it by these: `announce.ts`. */
  readonly events: Events;
  readonly provider: PaymentProvider;
  readonly storeStaff: StoreStaff;
  readonly storeDirectory: StoreDirectory;
  readonly clock: Clock;
  readonly reached: Reached;
  /** After how many milliseconds whoever began an operation has an answer, or is dead. */
  readonly operationLeaseMs: number;
  /** What Malla keeps of a capture, in hundredths of a percent. */
  readonly feeBasisPoints: number;
}
