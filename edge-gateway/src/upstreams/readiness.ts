import type { Client } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import type { Upstreams } from './upstreams.ts';

/** The state that an upstream reports by `grpc.health.v1`, or that it does not answer. */
export type UpstreamState = 'SERVING' | 'NOT_SERVING' | 'UNREACHABLE';

/** Asks every upstream for its state. Many who ask at once share one answer. */
export type CheckUpstreams = () => Promise<Readonly<Record<string, UpstreamState>>>;

const CHECK_TIMEOUT_MS = 1_000;
/** For how long an answer is good, so that probes do not multiply. */
const REMEMBER_MS = 500;

/** Makes the check that `/readyz` answers by. */
export function createUpstreamCheck(upstreams: Upstreams): CheckUpstreams {
  let latest: ReturnType<CheckUpstreams> | undefined;
  return () => {
    latest ??= ask(upstreams).finally(() => {
      setTimeout(() => {
        latest = undefined;
      }, REMEMBER_MS).unref();
    });
    return latest;
  };
}

async function ask(upstreams: Upstreams) {
  const states = upstreams.names.map(async (name) => [name, await stateOf(upstreams.channelOf(name))] as const);
  return Object.fromEntries(await Promise.all(states));
}

function stateOf(channel: Client): Promise<UpstreamState> {
  const { Check: check } = healthService;
  if (!check) throw new Error('grpc-health-check has no Check');
  return new Promise((resolve) => {
    channel.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      { service: '' },
      { deadline: Date.now() + CHECK_TIMEOUT_MS },
      (error, answer) => {
        if (error) resolve('UNREACHABLE');
        else resolve((answer as { status?: unknown } | undefined)?.status === 'SERVING' ? 'SERVING' : 'NOT_SERVING');
      },
    );
  });
}
