import type { ServerUnaryCall } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';

/** Why a call was aborted: by its client, by the clock, or because the server stops. */
export type AbortReason = 'cancelled' | 'deadline' | 'stopping';

/** How long a call lives: until its answer, its deadline, or the client's leaving, whichever comes first. */
export interface Lifetime {
  readonly deadlineMs: number;
  /** Aborts with an AbortReason. Made when it is first asked for: most calls end before anybody asks. */
  readonly signal: AbortSignal;
  /** Whether it has ended or was aborted. */
  readonly over: boolean;
  /** Aborts, unless it is over. */
  abort(reason: AbortReason): void;
  /** Ends the lifetime: from now on nothing aborts. */
  end(): void;
}

/** What grpc-js tells about the lifetime of a call. */
export interface MortalCall {
  getDeadline: ServerUnaryCall<unknown, unknown>['getDeadline'];
  on(event: 'cancelled', listener: () => void): unknown;
}

const CLOCK_SLACK_MS = 50;

/**
 * Starts the clock of a call: its own deadline, or its policy's when that is sooner.
 * @param aborted is called at most once, and before the end.
 */
export function startLifetime(call: MortalCall, rpc: RpcContract, aborted: (reason: AbortReason) => void): Lifetime {
  const nowMs = Date.now();
  const deadlineMs = Math.min(Number(call.getDeadline()), nowMs + rpc.deadlineMs);
  let controller: AbortController | undefined;
  let reason: AbortReason | undefined;
  let ended = false;

  const abort = (why: AbortReason) => {
    if (ended || reason) return;
    reason = why;
    controller?.abort(reason);
    aborted(reason);
  };
  const timer = setTimeout(abort, Math.max(0, deadlineMs - nowMs), 'deadline');
  // Also emitted after an answer. A client whose time is up leaves a moment before the server's clock says so.
  call.on('cancelled', () => abort(Date.now() >= deadlineMs - CLOCK_SLACK_MS ? 'deadline' : 'cancelled'));
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
    abort,
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}
