import { randomUUID } from 'node:crypto';
import { notifyOf } from './notifications.ts';
import type { SandboxPayment, Store } from './store.ts';
import { testMethodOf } from './test-methods.ts';

const AUTHORISATION_MS = 7 * 86_400_000;
const CHALLENGE_MS = 15 * 60_000;

/** What a caller asks for. Its id makes it happen once. */
export interface OperationRequest {
  readonly id: string;
  readonly kind: 'authorise' | 'capture' | 'void' | 'refund';
  /** The caller's own id of the payment. */
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly token: string;
}

/** What became of an operation. */
export interface OperationAnswer {
  readonly operation: string;
  readonly payment: string;
  readonly status: 'succeeded' | 'declined' | 'action';
  readonly decline_code: string;
  readonly expire_time: string;
}

/** Does an operation, or tells what became of it when it was done before. */
export function operate(request: OperationRequest, store: Store, nowMs: number): OperationAnswer {
  return store.atomically(() => {
    const known = answerOf(request.id, store, nowMs);
    if (known) return known;
    const before = store.paymentOf(request.reference);
    const { declineCode, after } =
      request.kind === 'authorise' ? authorise(request, nowMs) : change(request, before, store, nowMs);
    if (after) store.putPayment(after);
    const paymentId = after?.id ?? before?.id ?? '';
    const { id, kind, amount } = request;
    store.addOperation({ id, kind, payment_id: paymentId, amount, decline_code: declineCode });
    const answer = answerOf(id, store, nowMs);
    if (!answer) throw new Error('an operation was not kept');
    if (answer.status !== 'action') notifyOf(answer, kind, after, store, nowMs);
    return answer;
  });
}

/** What became of an operation; undefined when it never came. */
export function answerOf(id: string, store: Store, nowMs: number): OperationAnswer | undefined {
  const operation = store.operation(id);
  if (!operation) return undefined;
  const payment = store.payment(operation.payment_id);
  const waits = operation.kind === 'authorise' && payment?.status === 'action';
  const tooLate = waits && payment.expire_ms <= nowMs;
  const challenged = operation.kind === 'authorise' && payment?.status === 'declined' ? payment.decline_code : '';
  const declineCode = tooLate ? 'challenge_failed' : operation.decline_code || challenged;
  return {
    operation: id,
    payment: operation.payment_id,
    status: declineCode ? 'declined' : waits ? 'action' : 'succeeded',
    decline_code: declineCode,
    expire_time: new Date(payment?.expire_ms ?? 0).toISOString(),
  };
}

/** Whether a payment waits for its challenge. */
export function isChallenged(paymentId: string, store: Store, nowMs: number): boolean {
  return challengedOf(paymentId, store, nowMs) !== undefined;
}

function challengedOf(paymentId: string, store: Store, nowMs: number): SandboxPayment | undefined {
  const payment = store.payment(paymentId);
  return payment?.status === 'action' && payment.expire_ms > nowMs ? payment : undefined;
}

/** The user passes a challenge, or fails it. @returns false when there is none to pass any more. */
export function answerChallenge(paymentId: string, passes: boolean, store: Store, nowMs: number): boolean {
  return store.atomically(() => {
    const payment = challengedOf(paymentId, store, nowMs);
    if (!payment) return false;
    const after: SandboxPayment = passes
      ? { ...payment, status: 'authorised', expire_ms: nowMs + AUTHORISATION_MS }
      : { ...payment, status: 'declined', decline_code: 'challenge_failed' };
    store.putPayment(after);
    const operation = store.authorisationOf(paymentId);
    const answer = operation && answerOf(operation.id, store, nowMs);
    if (answer) notifyOf(answer, 'authorise', after, store, nowMs);
    return true;
  });
}

interface Change {
  readonly declineCode: string;
  readonly after: SandboxPayment | undefined;
}

function authorise({ reference, token, currency, amount }: OperationRequest, nowMs: number): Change {
  const method = testMethodOf(token) ?? { declineCode: 'card_declined' };
  const { declineCode = '', challenge = false } = method;
  const after: SandboxPayment = {
    ...{ id: `sbx_${randomUUID()}`, reference, token, currency, amount, captured: 0, refunded: 0 },
    status: declineCode ? 'declined' : challenge ? 'action' : 'authorised',
    decline_code: declineCode,
    expire_ms: nowMs + (challenge ? CHALLENGE_MS : AUTHORISATION_MS),
  };
  return { declineCode, after };
}

function change(
  { kind, amount }: OperationRequest,
  before: SandboxPayment | undefined,
  store: Store,
  nowMs: number,
): Change {
  const declined = (declineCode: string): Change => ({ declineCode, after: undefined });
  if (!before) return declined('payment_unknown');
  if (kind === 'refund') {
    const refusal = testMethodOf(before.token)?.refundDeclineCode;
    if (refusal) return declined(refusal);
    if (amount > before.captured - before.refunded) return declined('amount_too_large');
    return { declineCode: '', after: { ...before, refunded: before.refunded + amount } };
  }
  if (before.status !== 'authorised' && !(kind === 'void' && before.status === 'action')) {
    return declined(before.status === 'voided' ? 'authorisation_expired' : 'not_authorised');
  }
  const { voidDeclineCode, loseAuthorisation, capturesDeclined = 0 } = testMethodOf(before.token) ?? {};
  if (kind === 'void' && voidDeclineCode) return declined(voidDeclineCode);
  if (kind === 'void') return { declineCode: '', after: { ...before, status: 'voided' } };
  if (loseAuthorisation) return { declineCode: 'authorisation_expired', after: { ...before, status: 'voided' } };
  if (before.expire_ms <= nowMs) return declined('authorisation_expired');
  if (store.capturesOf(before.id) < capturesDeclined) return declined('capture_declined');
  if (amount > before.amount) return declined('amount_too_large');
  return { declineCode: '', after: { ...before, status: 'captured', captured: amount } };
}
