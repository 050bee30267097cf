import { METHODS } from 'node:http';
import type { Client } from '@grpc/grpc-js';
import { ruleCheckOf } from '@malla/chassis/rule-check';
import type { Contract } from '@malla/proto/contract';
import type { PaceLines } from '../admission/body-pace.ts';
import type { SpendRefused } from '../admission/refused-bytes.ts';
import type { App } from '../arrival/app-types.ts';
import type { Routing } from '../arrival/routing.ts';
import { addJsonBody } from '../body/json-body.ts';
import { addNoBody } from '../body/no-body.ts';
import { addRawBody } from '../body/raw-body.ts';
import { type AnswerCache, createAnswerCache } from '../cache/answer-cache.ts';
import type { Drain } from '../connection/drain.ts';
import { answersRawBody, requestType } from '../transcoding/request/body-types.ts';
import { resumeFieldOf } from '../transcoding/request/resume-field.ts';
import { type Binding, bindingsOf } from '../transcoding/routing/binding.ts';
import type { JsonSchema } from '../transcoding/schema/json-schema.ts';
import { messageSchemas } from '../transcoding/schema/message-schema.ts';
import { validatorOf } from '../transcoding/schema/rule-validator.ts';
import { compileTranscoder, type Transcoder } from '../transcoding/transcoder.ts';
import { type Upstreams, upstreamNameOf } from '../upstreams/upstreams.ts';
import { addImportRoute, addNdjsonBody } from './import-route.ts';
import { rawStreamKind } from './raw-stream-route.ts';
import { addRpcRoute, type RouteKind } from './rpc-route.ts';
import { streamKind } from './stream-route.ts';
import { unaryKind } from './unary-route.ts';

/** The routed RPCs, for the OpenAPI document. */
export interface RoutedRpcs {
  readonly transcoders: readonly Transcoder[];
  /** The schemas of every message in a request or a response. */
  readonly schemas: ReadonlyMap<string, JsonSchema>;
}

/**
 * Adds a route for every `google.api.http` binding of every RPC of the upstreams.
 * @throws BindingError, PathTemplateError or RouteCollisionError naming the RPCs.
 */
export async function addRpcRoutes(
  app: App,
  contract: Contract,
  upstreams: Upstreams,
  routing: Routing,
  more: Pick<Shared, 'spendRefused' | 'paceLines' | 'streamsEnd'>,
): Promise<RoutedRpcs> {
  const { registry } = contract;
  const codec = { registry, check: ruleCheckOf(registry) };
  const bindings = bindingsOf(contract).filter(({ rpc }) => upstreams.channelFor(rpc));
  const cache = createAnswerCache();
  addMethods(app, bindings);
  const messages = bindings.flatMap(({ rpc }) => [rpc.method.input, rpc.method.output]);
  const schemas = messageSchemas(messages, validatorOf(registry));
  for (const schema of schemas.values()) app.addSchema(schema);
  const transcoders = bindings.map((binding) => compileTranscoder(binding, codec));
  const inScope = (addBody: (scope: App) => void, some: readonly Transcoder[]) =>
    app.register((scope: App, _options, done) => {
      addBody(scope);
      for (const transcoder of some) addRoute(scope, routing, transcoder, { upstreams, cache, ...more });
      done();
    });
  const kinds = Object.groupBy(transcoders, ({ binding }) => requestType(binding) ?? 'none');
  await inScope(addNdjsonBody, kinds['application/x-ndjson'] ?? []);
  await inScope(addRawBody, kinds['*/*'] ?? []);
  await inScope(addJsonBody, kinds['application/json'] ?? []);
  await inScope(addNoBody, kinds.none ?? []);
  return { transcoders, schemas };
}

/** The dependencies that the routes of all RPCs share. */
interface Shared {
  readonly upstreams: Upstreams;
  readonly cache: AnswerCache;
  readonly spendRefused: SpendRefused;
  readonly paceLines: PaceLines;
  readonly streamsEnd: Drain['streamsEnd'];
}

function addRoute(app: App, routing: Routing, transcoder: Transcoder, shared: Shared): void {
  const { upstreams, cache, spendRefused, paceLines } = shared;
  const { binding } = transcoder;
  const channel = upstreams.channelOf(upstreamNameOf(binding.rpc));
  if (binding.rpc.method.methodKind === 'client_streaming')
    addImportRoute(app, routing, transcoder, { channel, cache, spendRefused, paceLines });
  else addRpcRoute(app, routing, transcoder, kindOf(transcoder, channel, shared));
}

function kindOf(transcoder: Transcoder, channel: Client, { cache, streamsEnd }: Shared): RouteKind {
  const { binding } = transcoder;
  if (binding.rpc.method.methodKind === 'unary') return unaryKind(transcoder, channel, cache);
  if (answersRawBody(binding)) return rawStreamKind(transcoder, channel);
  return streamKind(transcoder, channel, streamsEnd(resumeFieldOf(binding.rpc.method.output) !== undefined));
}

/** Makes Fastify take the methods of `custom` rules: for `*` all that Node's parser takes but CONNECT, which opens a tunnel. */
function addMethods(app: App, bindings: readonly Binding[]): void {
  const named = bindings.map(({ httpMethod }) => httpMethod);
  const methods = named.includes('*') ? [...named, ...METHODS.filter((method) => method !== 'CONNECT')] : named;
  for (const method of new Set(methods)) {
    if (method !== '*' && !app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true });
  }
}
