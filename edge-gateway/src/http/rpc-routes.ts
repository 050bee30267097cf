import { createValidator } from '@bufbuild/protovalidate';
import type { Client } from '@grpc/grpc-js';
import type { Contract } from '@malla/proto/contract';
import { type Binding, bindingsOf } from '../transcoding/binding.ts';
import { isHttpBody, takesRawBody } from '../transcoding/request-body.ts';
import { messageSchemas } from '../transcoding/schema/message-schema.ts';
import { compileTranscoder, type Transcoder } from '../transcoding/transcoder.ts';
import type { Upstreams } from '../upstreams/upstreams.ts';
import { type AnswerCache, createAnswerCache } from './answer-cache.ts';
import type { App } from './app-types.ts';
import { addImportRoute, addNdjsonBody } from './import-route.ts';
import { addJsonBody } from './json-body.ts';
import { addRawBody } from './raw-body.ts';
import { rawStreamKind } from './raw-stream-route.ts';
import type { Routing } from './routing.ts';
import { addRpcRoute, type RouteKind } from './rpc-route.ts';
import { streamKind } from './stream-route.ts';
import { unaryKind } from './unary-route.ts';

/**
 * Adds a route for every `google.api.http` binding of every RPC of the upstreams.
 * @throws BindingError, PathTemplateError or RouteCollisionError naming the RPCs.
 */
export async function addRpcRoutes(
  app: App,
  contract: Contract,
  upstreams: Upstreams,
  routing: Routing,
): Promise<void> {
  const codec = { registry: contract.registry, validator: createValidator({ registry: contract.registry }) };
  const bindings = bindingsOf(contract).filter(({ rpc }) => upstreams.channelFor(rpc));
  const cache = createAnswerCache();
  addMethods(app, bindings);
  for (const schema of messageSchemas(
    bindings.map(({ rpc }) => rpc.method.input),
    codec.validator,
  ).values()) {
    app.addSchema(schema);
  }
  const addAll = (scope: App, bindingsOfScope: readonly Binding[]) => {
    for (const binding of bindingsOfScope) {
      const transcoder = compileTranscoder(binding, codec);
      const channel = upstreams.channelFor(binding.rpc);
      if (!channel) continue;
      if (takesStream(binding)) addImportRoute(scope, routing, transcoder, channel);
      else addRpcRoute(scope, routing, transcoder, kindOf(transcoder, channel, cache));
    }
  };
  const inScope = (addBody: (scope: App) => void, some: readonly Binding[]) =>
    app.register((scope: App, _options, done) => {
      addBody(scope);
      addAll(scope, some);
      done();
    });
  await inScope(addNdjsonBody, bindings.filter(takesStream));
  await inScope(
    addRawBody,
    bindings.filter((binding) => !takesStream(binding) && takesRawBody(binding)),
  );
  await inScope(
    addJsonBody,
    bindings.filter((binding) => !takesStream(binding) && !takesRawBody(binding)),
  );
}

function takesStream({ rpc }: Binding): boolean {
  return rpc.method.methodKind === 'client_streaming';
}

function kindOf(transcoder: Transcoder, channel: Client, cache: AnswerCache): RouteKind {
  const { rpc, responseBody } = transcoder.binding;
  if (rpc.method.methodKind === 'unary') return unaryKind(transcoder, channel, cache);
  const raw = isHttpBody(responseBody ? responseBody.message : rpc.method.output);
  return raw ? rawStreamKind(transcoder, channel) : streamKind(transcoder, channel);
}

/** Makes Fastify take the methods of `custom` rules. */
function addMethods(app: App, bindings: readonly Binding[]): void {
  const methods = new Set(bindings.map(({ httpMethod }) => httpMethod));
  for (const method of methods) {
    if (method !== '*' && !app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true });
  }
}
