import type { AddressInfo } from 'node:net';
import type { Logger } from '@malla/chassis/logger';
import type { Running } from '@malla/chassis/process';
import type { Contract } from '@malla/proto/contract';
import { createApp } from './app.ts';
import type { Config } from './config.ts';

/** The gateway, listening. */
export interface GatewayServer extends Running {
  readonly port: number;
}

/**
 * Starts the gateway. Stopping it fails `/readyz`, takes no more connections, tells HTTP/2 clients to go elsewhere, finishes
 * every request that is under way, and then closes the channels to the upstreams.
 * @throws Error when it cannot be built, or its port is taken.
 */
export async function startServer(config: Config, contract: Contract, log: Logger): Promise<GatewayServer> {
  const { app, drain } = await createApp(config, contract, log);
  await app.listen({ host: config.HTTPS_HOST, port: config.HTTPS_PORT });
  return {
    port: (app.server.address() as AddressInfo).port,
    stop: async () => {
      drain();
      await app.close();
    },
  };
}
