import { createValidator } from '@bufbuild/protovalidate';
import type { Contract } from '@malla/proto/contract';
import { type Binding, bindingsOf } from '../transcoding/binding.ts';
import { messageSchemas } from '../transcoding/schema/message-schema.ts';
import { compileTranscoder } from '../transcoding/transcoder.ts';
import type { Upstreams } from '../upstreams/upstreams.ts';
import type { App } from './app-types.ts';
import { addJsonBody } from './json-body.ts';
import type { Routing } from './routing.ts';
import { addUnaryRoute } from './unary-route.ts';

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
  addMethods(app, bindings);
  const inputs = bindings.map(({ rpc }) => rpc.method.input);
  await app.register((scope: App, _options, done) => {
    addJsonBody(scope);
    for (const schema of messageSchemas(inputs, codec.validator).values()) scope.addSchema(schema);
    for (const binding of bindings) {
      const channel = upstreams.channelFor(binding.rpc);
      if (channel && binding.rpc.method.methodKind === 'unary') {
        addUnaryRoute(scope, routing, compileTranscoder(binding, codec), channel);
      }
    }
    done();
  });
}

/** Makes Fastify take the methods of `custom` rules. */
function addMethods(app: App, bindings: readonly Binding[]): void {
  const methods = new Set(bindings.map(({ httpMethod }) => httpMethod));
  for (const method of methods) {
    if (method !== '*' && !app.supportedMethods.includes(method)) app.addHttpMethod(method, { hasBody: true });
  }
}
