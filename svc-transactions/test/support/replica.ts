import { mesh } from '@malla/chassis/testing/certificates';
import { startServer } from '../../src/server.ts';
import { type Clients, connect } from './clients.ts';
import type { TestService } from './service.ts';

/** Another replica of a running service, on the same database. */
export interface Replica {
  readonly edge: Clients;
  stop(): Promise<void>;
}

export async function startReplica({ config, clock }: TestService): Promise<Replica> {
  const server = await startServer(config, { clock });
  const edge = connect(`dns:///127.0.0.1:${server.port}`, await (await mesh).issue('edge-gateway'));
  return { edge, stop: server.stop };
}
