import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@malla/chassis/logger';
import type { Running } from '@malla/chassis/process';
import type { Contract } from '@malla/proto/contract';
import { createApp, type Gateway } from './app.ts';
import type { Config } from './config.ts';

/** The time that running requests have after the gateway stops accepting connections. */
const GRACE_MS = 15_000;
/** The part of that time for the last event of a stream that cannot be resumed. */
const LAST_EVENT_MS = 2_000;
/** To close the channels. */
const CLOSE_MS = 5_000;

/** The gateway, listening. */
export interface GatewayServer extends Running {
  readonly port: number;
}

/**
 * Starts the gateway. See `stopGateway` for how it ends.
 * @throws Error when it cannot be built, or its port is taken.
 */
export async function startServer(config: Config, contract: Contract, log: Logger): Promise<GatewayServer> {
  const gateway = await createApp(config, contract, log);
  const { app } = gateway;
  await app.listen({ host: config.HTTPS_HOST, port: config.HTTPS_PORT });
  return {
    port: (app.server.address() as AddressInfo).port,
    stop: () => stopGateway(gateway, config.DRAIN_DELAY_MS),
    stopTimeoutMs: config.DRAIN_DELAY_MS + GRACE_MS + CLOSE_MS,
  };
}

/**
 * Stops a gateway that listens, in bounded time. First `/readyz` fails while everything is served as before, so that balancers
 * see it. Then no connection is accepted, half-made and idle ones are closed, HTTP/2 clients get GOAWAY, streams that can be
 * resumed end with an event that says so, and requests that are under way are finished. What is not finished within the grace
 * is broken off.
 * @param drainDelayMs how long `/readyz` fails before anything is closed.
 */
export async function stopGateway(
  { app, drain, connections }: Gateway,
  drainDelayMs: number,
  graceMs = GRACE_MS,
): Promise<void> {
  drain.start();
  await sleep(drainDelayMs);
  connections.refuseNew();
  drain.endResumableStreams();
  const timers = [
    setTimeout(() => drain.endAllStreams(), Math.max(0, graceMs - LAST_EVENT_MS)),
    setTimeout(() => connections.destroyAll(), graceMs),
  ];
  await app.close().finally(() => timers.forEach(clearTimeout));
}
