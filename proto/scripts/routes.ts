import { mallaContract } from '@malla/proto/contract';
import { Access } from '@malla/proto/malla/options/v1/policy.pb';

/** Prints what clients can call: one line for each RPC. */
for (const { path, http, policy, deadlineMs } of mallaContract().rpcs.values()) {
  const { case: verb = 'rpc', value = '' } = http?.pattern ?? {};
  const route = typeof value === 'string' ? value : value.path;
  console.log(
    [verb.toUpperCase().padEnd(7), route.padEnd(42), Access[policy.access]?.padEnd(8), `${deadlineMs} ms`, path].join(
      ' ',
    ),
  );
}
