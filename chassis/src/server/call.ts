import { status } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import { cardNumberRefused } from '../cards/card-guard.ts';
import { holdsCardNumber } from '../cards/card-number.ts';
import { admit, type Identification } from '../identity/identity.ts';
import { DomainError } from '../lib/errors.ts';
import type { CallMetrics } from '../observe/call-metrics.ts';
import type { Logger } from '../observe/logger.ts';
import type { ValidateMessage } from '../validation/validation.ts';
import type { Admission } from './admission.ts';
import { type CallContext, runInCall } from './context.ts';
import { IncomingCall, type ServerCall } from './incoming-call.ts';
import { type Lifetime, startLifetime } from './lifetime.ts';
import { aborted, failed, logOutcome, type Outcome, type StatusTold } from './outcome.ts';
import type { Pace } from './pace.ts';

/** What every call of a server shares. */
export interface CallServices {
  readonly log: Logger;
  /** Writes the line that each call leaves. */
  readonly callLog: Logger;
  readonly identification: Identification;
  readonly validate: ValidateMessage;
  readonly admission: Admission;
  /** Of the messages of streams. */
  readonly streamPace: Pace;
  /** How long a stream may stand still, in milliseconds: its client neither sends nor reads. */
  readonly streamIdleMs: number;
  /** The calls that have no answer yet. */
  readonly running: Set<Lifetime>;
  readonly metrics: CallMetrics | undefined;
  /** Rejects while the process may not take any call. */
  readonly fitness: () => Promise<void>;
  /** Runs a handler with what it needs of a call of its own, such as an EntityManager. */
  readonly withinCall: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** The two ways in which a call ends, of which one is taken, once. */
export interface Answer<Result> {
  succeed(result: Result): void;
  fail(told: StatusTold): void;
}

/**
 * Runs one call from its first byte to its one answer: admits the caller, checks the message (those of a client stream are
 * checked as they are read), does the work, answers, and logs one line. An abort is answered at once; what the work does after that is dropped. Never throws.
 */
export function runCall<Result>(
  call: ServerCall & { readonly request?: Buffer },
  rpc: RpcContract,
  services: CallServices,
  work: (context: CallContext) => Promise<Result>,
  answer: Answer<Result>,
): void {
  const startedMs = performance.now();
  let answered = false;
  const finish = (outcome: Outcome, send: () => void) => {
    if (answered) return;
    answered = true;
    lifetime.end();
    services.running.delete(lifetime);
    const told = sent(send) ?? outcome;
    logOutcome(services.callLog, context, startedMs, told);
    services.metrics?.handled(rpc, told.told.code, (performance.now() - startedMs) / 1_000);
  };
  const fail = (outcome: Outcome) => finish(outcome, () => answer.fail(outcome.told));

  services.metrics?.started(rpc);
  const lifetime = startLifetime(call, rpc, (reason) => fail(aborted(reason)));
  services.running.add(lifetime);
  const context = new IncomingCall(call, rpc, lifetime, services.log);
  admitAndWork(context, call.request, services, work).then(
    (result) => finish(SUCCEEDED, () => answer.succeed(result)),
    (error: unknown) => fail(failed(error)),
  );
}

/** Sends an answer. @returns what came of it when that failed. */
function sent(send: () => void): Outcome | undefined {
  try {
    send();
    return undefined;
  } catch (error) {
    return failed(error);
  }
}

const SUCCEEDED: Outcome = { told: { code: status.OK, details: '' } };

async function admitAndWork<Result>(
  context: IncomingCall,
  requestBytes: Buffer | undefined,
  { admission, fitness, identification, validate, withinCall }: CallServices,
  work: (context: CallContext) => Promise<Result>,
): Promise<Result> {
  const place = admission.enter(context);
  try {
    await fitness();
    const { rpc, authorization, peer } = context;
    context.user = await admit(rpc, authorization, peer, identification);
    if (context.user) place.claim(context.user.userId);
    if (holdsCardNumber(context.metadata('idempotency-key') ?? '')) throw cardNumberRefused('Idempotency-Key');
    if (requestBytes) validate(rpc.method.input, requestBytes);
    if (context.over) throw new Error('the call is over');
    return await runInCall(context, () => withinCall(() => work(context)));
  } finally {
    place.leave();
  }
}

/** Decodes a request, which the validator has found to be one. */
export function decodeRequest<Request>(deserialize: (bytes: Buffer) => Request, bytes: Buffer): Request {
  try {
    return deserialize(bytes);
  } catch {
    throw new DomainError('invalid', 'MESSAGE_MALFORMED', 'The bytes are not the message of this method.');
  }
}
