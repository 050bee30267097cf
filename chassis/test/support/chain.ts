import { EchoStreamRequest } from '@malla/proto/malla/testing/v1/echo_service';
import { callServerStream } from '../../src/client/stream-call.ts';
import { mesh } from '../../src/testing/certificates.ts';
import { connect, type EchoHandlers, rpcOf, startEcho } from './echo.ts';

/** Two servers: calls to the first call the second, whose handlers are given. */
export async function startChain(replaced: Partial<EchoHandlers>) {
  const second = await startEcho(replaced);
  const { client: next, channel } = await connect(second.port, await (await mesh).issue('svc-echo'));
  const first = await startEcho({
    echo: (request) => next.echo(request),
    echoUser: (request) => next.echoUser(request),
    echoStream: async function* ({ text, count }) {
      const bytes = EchoStreamRequest.encode({ text, count }).finish();
      let index = 0;
      for await (const _message of callServerStream(channel, rpcOf('EchoStream'), bytes)) {
        yield { text, index };
        index += 1;
      }
    },
  });
  return { first, second, ...(await connect(first.port)) };
}
