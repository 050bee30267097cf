import { constants } from 'node:http2';
import { Readable } from 'node:stream';
import type { Client } from '@grpc/grpc-js';
import { callServerStream } from '@malla/chassis/stream-call';
import { attachment } from '../answers/content-disposition.ts';
import type { Reply } from '../arrival/app-types.ts';
import { clientGone } from '../connection/client-gone.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { callOptions } from './rpc-call.ts';
import type { RouteKind } from './rpc-route.ts';

/**
 * Answers by a server stream of `google.api.HttpBody`: the bytes of all messages, of the media type of the first. A failure in
 * the middle breaks the answer off, which a client can tell from its end.
 */
export function rawStreamKind({ binding, decode }: Transcoder, channel: Client): RouteKind {
  return {
    compress: false,
    precheck: () => undefined,
    respond: async (bytes, request, reply) => {
      const gone = clientGone(reply);
      const messages = callServerStream(channel, binding.rpc, bytes, callOptions(binding, request, gone));
      const first = await messages.next();
      const head = first.done ? undefined : decode(first.value);
      const chunks = async function* () {
        try {
          if (head) yield head.body;
          for await (const message of messages) yield decode(message).body;
        } catch (error) {
          breakOff(reply);
          throw error;
        }
      };
      reply.header('cache-control', 'no-store').type(head?.contentType ?? 'application/octet-stream');
      if (head?.fileName) reply.header('content-disposition', attachment(head.fileName));
      return reply.send(Readable.from(chunks(), { objectMode: false }));
    },
  };
}

/** An HTTP/2 stream that is merely destroyed ends like one that is complete. HTTP/1.1 lacks its last chunk. */
function breakOff({ raw }: Reply): void {
  if ('stream' in raw) raw.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
}
