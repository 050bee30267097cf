import { loadConfig, meshTlsFiles, port } from '@malla/chassis/config';
import { DomainError } from '@malla/chassis/errors';
import { implement } from '@malla/chassis/implementation';
import { createLogger } from '@malla/chassis/logger';
import { runProcess } from '@malla/chassis/process';
import { createGrpcServer } from '@malla/chassis/server';
import { loadMeshTls } from '@malla/chassis/tls';
import { createTokenVerifier } from '@malla/chassis/token-verifier';
import { EchoServiceService } from '@malla/proto/malla/testing/v1/echo_service';
import { testingContract } from '@malla/proto/testing';

// An EchoService: it starts, serves health and reflection beside its RPCs, and drains on SIGTERM.
const log = createLogger('svc-echo', 'info');

runProcess(log, async () => {
  const config = loadConfig({ GRPC_PORT: port.default(50_099), ...meshTlsFiles }, process.env);
  const server = createGrpcServer({
    contract: testingContract(),
    implementations: [
      implement(EchoServiceService, {
        echo: async ({ text, number }, { peer = 'somebody' }) => ({ text, number, caller: peer }),
        echoUser: async ({ text }, { user }) => ({ text, caller: user?.userId ?? '' }),
        echoLive: async ({ text }) => ({ text }),
        echoService: async ({ text }, { peer = '' }) => ({ text, caller: peer }),
        echoTree: async () => {
          throw new DomainError('precondition', 'NO_TREES', 'Trees do not grow here.');
        },
        echoStream: async function* ({ text, count }) {
          for (let index = 0; index < count; index += 1) yield { text, index };
        },
      }),
    ],
    tls: loadMeshTls(config),
    log,
    identification: {
      verifyToken: createTokenVerifier([]),
      resolveUser: async ({ claims }) => claims.sub,
      isSessionLive: async () => false,
    },
  });
  const bound = await server.start('127.0.0.1', config.GRPC_PORT);
  log.info({ port: bound }, 'listening');
  return { stop: () => server.stop(10_000) };
});
