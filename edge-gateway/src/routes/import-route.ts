import { Readable } from 'node:stream';
import { type Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { METADATA, printable } from '@malla/chassis/metadata';
import { asIs, cancelBy, outgoing } from '@malla/chassis/outgoing';
import type { PaceLines } from '../admission/body-pace.ts';
import type { SpendRefused } from '../admission/refused-bytes.ts';
import type { App, Request } from '../arrival/app-types.ts';
import { acceptsType } from '../arrival/negotiation.ts';
import { type Routing, requestPath } from '../arrival/routing.ts';
import { refuseContentEncodings, refuseUnnamedContent } from '../body/content.ts';
import { withLineTimeout } from '../body/line-timeout.ts';
import type { AnswerCache } from '../cache/answer-cache.ts';
import { clientGone } from '../connection/client-gone.ts';
import { HttpProblem } from '../problems/problem.ts';
import { TranscodingError } from '../transcoding/faults.ts';
import { parseBody } from '../transcoding/request/parse-body.ts';
import { refuseRejectedLine, rejectedLineFieldOf, rejectionOf } from '../transcoding/request/rejected-line.ts';
import type { AssembledRequest } from '../transcoding/request/request-assembler.ts';
import { LINE_BYTES_MAX, splitLines } from '../transcoding/request/split-lines.ts';
import type { SchemaError } from '../transcoding/schema/explain.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { callOptions, setReplayHeader } from './rpc-call.ts';
import { type ImportAnswer, type ImportCall, sendLines, type ToMessage } from './send-lines.ts';

/** Takes bodies of NDJSON, which are read line by line as the service takes them. */
export function addNdjsonBody(app: App): void {
  app.removeAllContentTypeParsers();
  refuseContentEncodings(app);
  refuseUnnamedContent(app, 'The body must be application/x-ndjson.');
  app.addContentTypeParser('application/x-ndjson', (_request, payload, done) => done(null, payload));
}

/** The dependencies of the routes of imports. */
interface ImportServices {
  readonly channel: Client;
  readonly cache: AnswerCache;
  readonly spendRefused: SpendRefused;
  readonly paceLines: PaceLines;
}

/** Adds the route of one binding of a client-streaming RPC: NDJSON in, one answer out. */
export function addImportRoute(
  app: App,
  routing: Routing,
  transcoder: Transcoder,
  { channel, cache, spendRefused, paceLines }: ImportServices,
): void {
  const { rpc, template, httpMethod } = transcoder.binding;
  const schema = { $ref: `${rpc.method.input.typeName}#` };
  app.route({
    method: httpMethod,
    url: routing.add(httpMethod, template, rpc.path),
    config: { transcoder, routeName: template.text },
    handler: async (request, reply) => {
      acceptsType(request, 'application/json');
      const validate = request.compileValidationSchema(schema);
      const captures = capturesOf(request, routing);
      const read = lineReader(transcoder, captures, (json) =>
        validate(json) ? [] : (validate.errors as unknown as SchemaError[]),
      );
      const toMessage = read((bytes) => spendRefused(request, bytes));
      const call = openCall(transcoder, captures, channel, request, clientGone(reply));
      const lines = paceLines(request, withLineTimeout(splitLines(chunksOf(request))));
      const { bytes, metadata } = await sendLines(lines, toMessage, call);
      cache.invalidateBy(rpc, requestPath(request.originalUrl, template.verb));
      setReplayHeader(metadata, reply);
      const { contentType, body } = transcoder.decode(bytes);
      return reply.header('cache-control', 'no-store').type(contentType).send(body);
    },
  });
}

/** Returns the fields that the path sets in every line. @throws HttpProblem when there is a query, which sets nothing. */
function capturesOf(request: Request, routing: Routing): readonly string[] {
  const { outcome, query } = routing.routed(request.raw);
  if (query !== '') throw new HttpProblem(400, 'QUERY_NOT_ALLOWED', 'This method allows no query parameters.');
  return outcome.kind === 'found' ? outcome.captures : [];
}

/** The body as it comes. It stays open when nobody reads on: what is left of it is dealt with after the answer. */
function chunksOf({ body }: Request): AsyncIterable<Uint8Array> {
  return ((body ?? Readable.from([])) as Readable).iterator({ destroyOnReturn: false });
}

function openCall(
  { binding }: Transcoder,
  captures: readonly string[],
  channel: Client,
  request: Request,
  gone: AbortSignal,
): ImportCall {
  const { metadata, deadline, signals } = outgoing(binding.rpc, callOptions(binding, request, gone));
  // So that the service can refuse the client before the first line is there.
  const params = binding.template.variables.map(({ fieldPath }, at): [string, string] => [
    fieldPath,
    captures[at] ?? '',
  ]);
  if (params.length > 0) metadata.set(METADATA.requestParams, printable(String(new URLSearchParams(params))));
  const { promise, resolve, reject } = Promise.withResolvers<ImportAnswer>();
  promise.catch(() => undefined); // Whoever sends lines hears of it as well.
  let received = new Metadata();
  const answered = (error: ServiceError | null, bytes?: Buffer) =>
    error ? reject(error) : resolve({ bytes: bytes ?? Buffer.alloc(0), metadata: received });
  const stream = channel.makeClientStreamRequest(binding.rpc.path, asIs, asIs, metadata, { deadline }, answered);
  stream.on('metadata', (first: Metadata) => {
    received = first;
  });
  cancelBy(signals, () => stream.cancel());
  return { stream, answer: promise };
}

/** Reads lines as messages. One that is none becomes the message that says so, where the contract has a field for that. */
function lineReader(
  transcoder: Transcoder,
  captures: readonly string[],
  validate: (json: unknown) => readonly SchemaError[],
): (spend: (bytes: number) => void) => ToMessage {
  const rejected = rejectedLineFieldOf(transcoder.binding.rpc.method.input);
  return (spend) => (read, line) => {
    let sent: AssembledRequest | undefined;
    try {
      if (read instanceof TranscodingError) throw read;
      sent = transcoder.assemble({ captures, query: '', body: parseBody(read, transcoder.binding) });
      refuseRejectedLine(rejected, sent);
      const errors = validate(sent.json);
      if (errors.length > 0 || sent.faults.length > 0) throw transcoder.explain(sent, errors);
      return transcoder.encode(sent);
    } catch (error) {
      if (!(error instanceof TranscodingError)) throw error;
      spend(read instanceof TranscodingError ? LINE_BYTES_MAX : read.length);
      if (!rejected) throw error;
      return rejectionOf(rejected, transcoder, captures, { line, error, sent });
    }
  };
}
