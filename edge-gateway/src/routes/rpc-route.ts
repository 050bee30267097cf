import type { App, Reply, Request } from '../arrival/app-types.ts';
import type { Routing } from '../arrival/routing.ts';
import type { SchemaError } from '../transcoding/schema/explain.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { assembleRequest } from './assemble-request.ts';

/** Answers a request whose message is assembled and validated. */
export type Respond = (bytes: Uint8Array, request: Request, reply: Reply) => Promise<Reply>;

/** The differences between the kinds of routes. */
export interface RouteKind {
  /** Runs before the body is read. Throws an HttpProblem to refuse the request. */
  readonly precheck: (request: Request) => void;
  /** Answers a request without looking at its parts; undefined when it cannot. */
  readonly shortcut?: (request: Request, reply: Reply) => Reply | undefined;
  readonly respond: Respond;
  /** False when answers must not be compressed. Default: true. */
  readonly compress?: boolean;
}

/** Adds the route of one binding of an RPC that takes one message. */
export function addRpcRoute(app: App, routing: Routing, transcoder: Transcoder, kind: RouteKind): void {
  const { rpc, template, httpMethod } = transcoder.binding;
  app.route({
    method: httpMethod === '*' ? app.supportedMethods : httpMethod,
    url: routing.add(httpMethod, template, rpc.path),
    config: { transcoder, routeName: template.text },
    schema: { params: { $ref: `${rpc.method.input.typeName}#` } },
    attachValidation: true,
    ...(kind.compress === false && { compress: false }),
    preParsing: (request, reply, _payload, done) => {
      kind.precheck(request);
      if (!kind.shortcut?.(request, reply)) done();
    },
    preValidation: (request, _reply, done) => {
      request.assembled = assembleRequest(request, routing, transcoder);
      // The whole message goes to the validator by the one part that requests of every method have.
      request.params = request.assembled.json;
      done();
    },
    handler: (request, reply) => {
      const bytes = encodeRequest(request, transcoder);
      forgetParts(request);
      return kind.respond(bytes, request, reply);
    },
  });
}

/** Parsed JSON takes many times the memory of its text, which nobody needs while the service is at work. */
function forgetParts(request: Request): void {
  request.body = undefined;
  request.params = undefined;
  request.assembled = undefined;
}

/**
 * The bytes of the request message, once Fastify has validated its JSON.
 * @throws TranscodingError naming everything that is wrong with it.
 */
function encodeRequest({ assembled, validationError }: Request, transcoder: Transcoder): Uint8Array {
  if (!assembled) throw new Error('the request was not assembled');
  if (validationError || assembled.faults.length > 0 || assembled.strangers.length > 0) {
    throw transcoder.explain(assembled, (validationError?.validation ?? []) as unknown as SchemaError[]);
  }
  return transcoder.encode(assembled);
}
