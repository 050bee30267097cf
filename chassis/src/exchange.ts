import { type StatusObject, status } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import {
  type AbortReason,
  type CallServices,
  type Lifetime,
  openCall,
  requestIdOf,
  type ServerCall,
  startLifetime,
} from './call.ts';
import { type CallContext, runInCall } from './context.ts';
import type { Capacity } from './load-shedding.ts';
import { abortStatus, failureStatus, logOutcome } from './outcome.ts';

/** One call from its first byte to its one status. */
export interface Exchange {
  readonly signal: AbortSignal;
  /** Admits the caller, checks the message, then runs `work` as part of the call. Rejects as soon as the call is aborted. */
  run<Result>(requestBytes: Uint8Array, work: (context: CallContext) => Promise<Result>): Promise<Result>;
  /** Ends the call well. */
  succeed(): void;
  /** Ends the call: what to tell the client for whatever was thrown. */
  fail(error: unknown): Partial<StatusObject>;
}

/** Opens the exchange of a call of `rpc`. */
export function openExchange(call: ServerCall, rpc: RpcContract, services: CallServices): Exchange {
  const startedMs = performance.now();
  const lifetime = startLifetime(call, rpc);
  let context: CallContext | undefined;

  const end = (code: status, error?: unknown) => {
    lifetime.end();
    const requestId = context?.requestId ?? requestIdOf(call.metadata);
    logOutcome(services.log, rpc, startedMs, { code, requestId, userId: context?.user?.userId, error });
  };
  return {
    signal: lifetime.signal,
    run: (requestBytes, work) => {
      const running = async () => {
        context = await openCall(call, rpc, requestBytes, lifetime, services);
        const opened = context;
        return runInCall(opened, () => services.withinCall(() => work(opened)));
      };
      return untilAborted(occupy(services.capacity, running), lifetime.signal);
    },
    succeed: () => end(status.OK),
    fail: (error) => {
      const told = statusOf(error, lifetime);
      end(told.code ?? status.INTERNAL, error);
      return told;
    },
  };
}

function statusOf(error: unknown, { signal }: Lifetime): Partial<StatusObject> {
  return signal.aborted ? abortStatus(signal.reason as AbortReason) : failureStatus(error);
}

async function occupy<Result>(capacity: Capacity, work: () => Promise<Result>): Promise<Result> {
  capacity.take();
  try {
    return await work();
  } finally {
    capacity.give();
  }
}

/** Settles as `work` does, or rejects with the signal's reason as soon as it aborts. Late outcomes are dropped. */
export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
