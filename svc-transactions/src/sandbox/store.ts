import { DatabaseSync } from 'node:sqlite';

export type PaymentStatus = 'action' | 'authorised' | 'captured' | 'voided' | 'declined';

/** A payment as the sandbox knows it. Amounts are in minor units. */
export interface SandboxPayment {
  readonly id: string;
  /** The caller's own id of it. */
  readonly reference: string;
  readonly token: string;
  readonly currency: string;
  readonly amount: number;
  readonly captured: number;
  readonly refunded: number;
  readonly status: PaymentStatus;
  readonly decline_code: string;
  /** When the authorisation or the challenge is over, in ms of the epoch. */
  readonly expire_ms: number;
}

/** An operation that was done: its id is the caller's, and it is done once. */
export interface SandboxOperation {
  readonly id: string;
  readonly kind: string;
  readonly payment_id: string;
  readonly amount: number;
  readonly decline_code: string;
}

export interface SandboxNotification {
  readonly seq: number;
  readonly event_id: string;
  readonly body: string;
  readonly attempts: number;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, reference TEXT NOT NULL, token TEXT NOT NULL,
    currency TEXT NOT NULL, amount INTEGER NOT NULL, captured INTEGER NOT NULL, refunded INTEGER NOT NULL,
    status TEXT NOT NULL, decline_code TEXT NOT NULL, expire_ms INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS operations (id TEXT PRIMARY KEY, kind TEXT NOT NULL, payment_id TEXT NOT NULL,
    amount INTEGER NOT NULL, decline_code TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS failures (operation_id TEXT PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS notifications (seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL,
    body TEXT NOT NULL, due_ms INTEGER, attempts INTEGER NOT NULL, held_for TEXT) STRICT;
  CREATE INDEX IF NOT EXISTS payments_reference ON payments (reference);
  CREATE INDEX IF NOT EXISTS operations_payment ON operations (payment_id, kind);
  CREATE INDEX IF NOT EXISTS notifications_due ON notifications (due_ms, seq) WHERE due_ms IS NOT NULL;
  CREATE INDEX IF NOT EXISTS notifications_held ON notifications (held_for) WHERE held_for IS NOT NULL;`;
const PAYMENTS = 'SELECT * FROM payments WHERE id > ? ORDER BY id LIMIT ?';
const PUT_PAYMENT = `INSERT OR REPLACE INTO payments VALUES
  (:id, :reference, :token, :currency, :amount, :captured, :refunded, :status, :decline_code, :expire_ms)`;

/** Everything the sandbox knows, in a file. */
export function openStore(path: string) {
  const db = new DatabaseSync(path);
  db.exec(SCHEMA);
  const one = <Row>(sql: string, ...values: (string | number)[]) => db.prepare(sql).get(...values) as Row | undefined;
  const run = (sql: string, ...values: (string | number | null)[]) => void db.prepare(sql).run(...values);
  return {
    /** Does work as one transaction. */
    atomically: <Result>(work: () => Result): Result => {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    payment: (id: string) => one<SandboxPayment>('SELECT * FROM payments WHERE id = ?', id),
    paymentOf: (reference: string) => one<SandboxPayment>('SELECT * FROM payments WHERE reference = ?', reference),
    /** Those whose ids come after one, by id. */
    payments: (afterId: string, limit: number) =>
      db.prepare(PAYMENTS).all(afterId, limit) as unknown as SandboxPayment[],
    putPayment: (payment: SandboxPayment) => void db.prepare(PUT_PAYMENT).run({ ...payment }),
    operation: (id: string) => one<SandboxOperation>('SELECT * FROM operations WHERE id = ?', id),
    authorisationOf: (paymentId: string) =>
      one<SandboxOperation>("SELECT * FROM operations WHERE payment_id = ? AND kind = 'authorise'", paymentId),
    /** How often a payment was to be captured. */
    capturesOf: (paymentId: string) =>
      one<{ count: number }>(
        "SELECT COUNT(*) AS count FROM operations WHERE payment_id = ? AND kind = 'capture'",
        paymentId,
      )?.count ?? 0,
    addOperation: ({ id, kind, payment_id, amount, decline_code }: SandboxOperation) =>
      run('INSERT INTO operations VALUES (?, ?, ?, ?, ?)', id, kind, payment_id, amount, decline_code),
    /** Remembers that an operation failed. @returns whether it is the first time. */
    addFailure: (operationId: string) => {
      const known = one('SELECT 1 FROM failures WHERE operation_id = ?', operationId) !== undefined;
      run('INSERT OR IGNORE INTO failures VALUES (?)', operationId);
      return !known;
    },
    /** Adds a notification; one that is held waits until `releaseHeld`. */
    addNotification: (eventId: string, body: string, dueMs: number, heldFor: string | undefined) =>
      run(
        'INSERT INTO notifications (event_id, body, due_ms, attempts, held_for) VALUES (?, ?, ?, 0, ?)',
        eventId,
        body,
        heldFor === undefined ? dueMs : null,
        heldFor ?? null,
      ),
    releaseHeld: (paymentId: string, dueMs: number) =>
      run('UPDATE notifications SET due_ms = ?, held_for = NULL WHERE held_for = ?', dueMs, paymentId),
    due: (nowMs: number) =>
      one<SandboxNotification>('SELECT * FROM notifications WHERE due_ms <= ? ORDER BY due_ms, seq LIMIT 1', nowMs),
    delivered: (seq: number) => run('UPDATE notifications SET due_ms = NULL WHERE seq = ?', seq),
    undelivered: (seq: number, dueMs: number) =>
      run('UPDATE notifications SET due_ms = ?, attempts = attempts + 1 WHERE seq = ?', dueMs, seq),
    close: () => db.close(),
  };
}

export type Store = ReturnType<typeof openStore>;
