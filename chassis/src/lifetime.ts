import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';

/** Why a call was aborted. */
export type AbortReason = 'cancelled' | 'deadline';

/** How long a call lives: until its answer, its deadline, or the client's leaving, whichever comes first. */
export interface Lifetime {
  readonly deadlineMs: number;
  /** Aborts with an AbortReason. Made when it is first asked for: most calls end before anybody asks. */
  readonly signal: AbortSignal;
  /** Whether it has ended or was aborted. */
  readonly over: boolean;
  /** Ends the lifetime: from now on nothing aborts. */
  end(): void;
}

/** What grpc-js tells about the lifetime of a call. */
export interface MortalCall {
  getDeadline: ServerUnaryCall<unknown, unknown>['getDeadline'];
  on(event: 'cancelled', listener: () => void): unknown;
}

/**
 * Starts the clock of a call: its own deadline, or its policy's when that is sooner.
 * @param abort is called at most once, and before the end.
 */
export function startLifetime(call: MortalCall, rpc: RpcContract, abort: (reason: AbortReason) => void): Lifetime {
  const nowMs = Date.now();
  const deadlineMs = Math.min(Number(call.getDeadline()), nowMs + rpc.deadlineMs);
  let controller: AbortController | undefined;
  let reason: AbortReason | undefined;
  let ended = false;

  const abortOnce = (why: AbortReason) => {
    if (ended || reason) return;
    reason = why;
    controller?.abort(reason);
    abort(reason);
  };
  const timer = setTimeout(abortOnce, Math.max(0, deadlineMs - nowMs), 'deadline');
  // Also emitted after an answer; and at the client's deadline grpc-js cancels a moment before the timer.
  call.on('cancelled', () => abortOnce(Date.now() >= deadlineMs ? 'deadline' : 'cancelled'));
  return {
    deadlineMs,
    get signal() {
      if (!controller) {
        controller = new AbortController();
        if (reason) controller.abort(reason);
      }
      return controller.signal;
    },
    get over() {
      return ended || reason !== undefined;
    },
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
