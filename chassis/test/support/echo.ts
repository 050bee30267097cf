import type { Client } from '@grpc/grpc-js';
import {
  type EchoRequest,
  EchoServiceService,
  type EchoStreamRequest,
} from '@malla/proto/malla/testing/v1/echo_service';
import { testingContract } from '@malla/proto/testing';
import { createLocalJWKSet } from 'jose';
import { openChannel } from '../../src/client/channel.ts';
import { createClient, type ServiceClient } from '../../src/client/client.ts';
import type { Identification } from '../../src/identity/identity.ts';
import type { MeshTls } from '../../src/identity/tls.ts';
import { createTokenVerifier, ownIssuer } from '../../src/identity/token-verifier.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { userOf } from '../../src/server/context.ts';
import { type Handlers, implement } from '../../src/server/implementation.ts';
import { createGrpcServer, type GrpcServer, type GrpcServerOptions } from '../../src/server/server.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { afterThisTest } from './cleanup.ts';
import { AUDIENCE, createIssuer, ISSUER, LIVE_SESSION_ID } from './tokens.ts';

export const contract = testingContract();
export type EchoHandlers = Handlers<typeof EchoServiceService>;
export type EchoClient = ServiceClient<typeof EchoServiceService>;

/** The issuer that echo servers trust. */
export const issuer = createIssuer('echo');
const serverTls = mesh.then((authority) => authority.issue('svc-echo'));
const callerTls = mesh.then((authority) => authority.issue('svc-stores'));

/** The contract of an RPC of the EchoService. */
export function rpcOf(method: string) {
  const rpc = contract.rpcs.get(`/malla.testing.v1.EchoService/${method}`);
  if (!rpc) throw new Error(`no ${method}`);
  return rpc;
}

export interface EchoServer {
  readonly server: GrpcServer;
  readonly port: number;
  /** Everything that was logged, one JSON text per line. */
  readonly lines: string[];
  /** The entries that calls left. */
  calls(): Record<string, unknown>[];
}

const identification: Identification = {
  verifyToken: createTokenVerifier([
    ownIssuer(ISSUER, AUDIENCE, async (header, token) => {
      return createLocalJWKSet({ keys: [(await issuer).publicJwk] })(header, token);
    }),
  ]),
  resolveUser: async ({ claims }) => `usr_of_${claims.sub}`,
  isSessionLive: async ({ sessionId }) => sessionId === LIVE_SESSION_ID,
};

const handlers: EchoHandlers = {
  echo: async ({ text, number }: EchoRequest, { peer = '' }) => ({ text, number, caller: peer }),
  echoUser: async ({ text }, call) => ({ text, caller: userOf(call).userId }),
  echoLive: async ({ text }) => ({ text }),
  echoService: async ({ text }, { peer = '' }) => ({ text, caller: peer }),
  echoTree: async ({ texts }) => ({ count: texts.length }),
  echoStream: async function* ({ text, count }: EchoStreamRequest) {
    for (let index = 0; index < count; index += 1) yield { text, index };
  },
};

/** Starts an EchoService whose handlers are replaced by those given. It ends with the test. */
export async function startEcho(
  replaced: Partial<EchoHandlers> = {},
  options: Partial<GrpcServerOptions> & { readonly host?: string; readonly port?: number } = {},
): Promise<EchoServer> {
  const lines: string[] = [];
  const server = createGrpcServer({
    contract,
    implementations: [implement(EchoServiceService, { ...handlers, ...replaced })],
    tls: await serverTls,
    log: createLogger('svc-echo', 'info', { write: (line) => void lines.push(line) }),
    identification,
    ...options,
  });
  const port = await server.start(options.host ?? '127.0.0.1', options.port ?? 0);
  afterThisTest(() => server.stop(0));
  const calls = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'rpc');
  return { server, port, lines, calls };
}

/** Opens a channel to an EchoService. It ends with the test. */
export async function connect(
  target: number | string,
  tls?: MeshTls,
): Promise<{ channel: Client; client: EchoClient }> {
  const channel = openChannel({
    contract,
    service: 'svc-echo',
    target: typeof target === 'number' ? `dns:///127.0.0.1:${target}` : target,
    tls: tls ?? (await callerTls),
  });
  afterThisTest(() => channel.close());
  return { channel, client: createClient(channel, EchoServiceService, contract) };
}
