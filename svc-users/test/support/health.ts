import { type Client, status } from '@grpc/grpc-js';
import { openChannel } from '@malla/chassis/channel';
import { mesh } from '@malla/chassis/testing/certificates';
import { contract } from './client.ts';

type Health = 'SERVING' | 'NOT_SERVING';

/** What a server says of its health (`grpc.health.v1`). */
export interface HealthWatch {
  /** Resolves when the server says so, or has said so last. */
  until(health: Health): Promise<void>;
  stop(): void;
}

/** The two values of HealthCheckResponse.ServingStatus, as bytes of the whole message. */
const STATUSES: ReadonlyMap<string, Health> = new Map([
  ['0801', 'SERVING'],
  ['0802', 'NOT_SERVING'],
]);

/** Watches the health of a server of this machine. */
export async function watchHealth(port: number): Promise<HealthWatch> {
  const tls = await (await mesh).issue('edge-gateway');
  const channel: Client = openChannel({
    contract,
    service: 'svc-users',
    target: `dns:///127.0.0.1:${port}`,
    tls,
  });
  let last: Health | undefined;
  const waiting = new Set<() => void>();
  const watch = channel.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    (bytes: Buffer) => bytes,
    (bytes) => bytes.toString('hex'),
    Buffer.alloc(0),
  );
  watch.on('data', (message: string) => {
    last = STATUSES.get(message);
    for (const look of waiting) look();
  });
  watch.on('error', (error: Error & { code?: status }) => {
    if (error.code !== status.CANCELLED) last = undefined;
  });
  return {
    until: (health) =>
      new Promise((resolve) => {
        const look = () => {
          if (last !== health) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    stop: () => {
      watch.cancel();
      channel.close();
    },
  };
}
