import type { Contract } from '@malla/proto/contract';

/**
 * What grpc-js is to do with the calls of a channel (gRPC service config): round robin over all addresses, and retries of
 * UNAVAILABLE for the RPCs that the contract says may be sent again, within a budget (gRFC A6).
 */
export function serviceConfig(contract: Contract) {
  const retrySafe = [...contract.rpcs.values()].filter((rpc) => rpc.retrySafe);
  return {
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: [
      {
        name: retrySafe.map((rpc) => ({ service: rpc.service, method: rpc.method.name })),
        retryPolicy: {
          maxAttempts: 3,
          initialBackoff: '0.05s',
          maxBackoff: '0.5s',
          backoffMultiplier: 2,
          retryableStatusCodes: ['UNAVAILABLE'],
        },
      },
    ],
    retryThrottling: { maxTokens: 100, tokenRatio: 0.1 },
  };
}
