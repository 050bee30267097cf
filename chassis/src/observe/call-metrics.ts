import { status } from '@grpc/grpc-js';
import type { RpcContract } from '@malla/proto/contract';
import type { Metrics } from './metrics.ts';

/** Where the calls of a server are counted. */
export interface CallMetrics {
  started(rpc: RpcContract): void;
  /** @param seconds from the request to the answer. */
  handled(rpc: RpcContract, code: status, seconds: number): void;
}

/** As go-grpc-prometheus has them: dashboards and alerts for its metrics fit ours. */
const LABELS = ['grpc_type', 'grpc_service', 'grpc_method'] as const;
const CODE = 'grpc_code';
const TYPES: Readonly<Record<string, string>> = {
  unary: 'unary',
  server_streaming: 'server_stream',
  client_streaming: 'client_stream',
  bidi_streaming: 'bidi_stream',
};

/** Counts calls by method and code, and how long they took. A method that the contract does not have is not counted. */
export function countCalls(metrics: Metrics): CallMetrics {
  const started = metrics.counter({
    name: 'grpc_server_started_total',
    help: 'Calls that came in.',
    labelNames: LABELS,
  });
  const labelNames = [...LABELS, CODE];
  const handled = metrics.counter({ name: 'grpc_server_handled_total', help: 'Calls that were answered.', labelNames });
  const took = metrics.histogram({
    ...{ name: 'grpc_server_handling_seconds', help: 'How long answers took.', labelNames },
  });
  return {
    started: (rpc) => started.inc(labelsOf(rpc)),
    handled: (rpc, code, seconds) => {
      const labels = { ...labelsOf(rpc), [CODE]: codeName(code) };
      handled.inc(labels);
      took.observe(labels, seconds);
    },
  };
}

function labelsOf({ path, method }: RpcContract) {
  const [, service = '', name = ''] = path.split('/');
  return { grpc_type: TYPES[method.methodKind] ?? 'unary', grpc_service: service, grpc_method: name };
}

/** As gRPC for Go writes it: `DeadlineExceeded`. */
function codeName(code: status): string {
  const words = (status[code] ?? 'UNKNOWN').toLowerCase().split('_');
  return code === status.OK ? 'OK' : words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
