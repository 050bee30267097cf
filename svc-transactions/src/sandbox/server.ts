import type { AddressInfo } from 'node:net';
import { createLogger } from '@malla/chassis/logger';
import type { Running } from '@malla/chassis/process';
import { createSandboxApp } from './app.ts';
import type { SandboxConfig } from './config.ts';
import { startNotifier } from './notifications.ts';
import { openStore } from './store.ts';

/** Starts the sandbox. @returns its port, and how to stop it. @throws Error when the port or the file is not to be had. */
export async function startSandbox(config: SandboxConfig): Promise<Running & { port: number }> {
  const log = createLogger('payment-sandbox', config.LOG_LEVEL);
  const store = openStore(config.SANDBOX_DATABASE_FILE);
  const notifier = startNotifier(config, store, log);
  const app = createSandboxApp(config, store, notifier);
  const stop = async () => {
    await app.close();
    await notifier.stop();
    store.close();
  };
  try {
    await app.listen({ host: config.SANDBOX_HOST, port: config.SANDBOX_PORT });
  } catch (error) {
    await stop();
    throw error;
  }
  const { port } = app.server.address() as AddressInfo;
  log.info({ port }, 'listening');
  return { port, stop };
}
