import type { JsonObject } from '@bufbuild/protobuf';
import type { Contract } from '@malla/proto/contract';
import type { JsonSchema } from '../transcoding/schema/json-schema.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { commentsOf } from './comments.ts';
import { documentedSchema, PROBLEM_SCHEMA, STREAM_SCHEMAS } from './components.ts';
import { HEADERS } from './headers.ts';
import { operationOf } from './operation.ts';
import { documentedPath } from './parameters.ts';
import { RESPONSES } from './responses.ts';

/** The methods that a path item can have; others cannot be described. */
const METHODS = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']);

/**
 * The OpenAPI 3.1 document of everything that the gateway routes, from the contract alone.
 * @param schemas of every message in a request or a response.
 */
export function openApiDocument(
  contract: Contract,
  transcoders: readonly Transcoder[],
  schemas: ReadonlyMap<string, JsonSchema>,
): JsonObject {
  const comments = commentsOf(contract);
  const described = { comments, schemas, registry: contract.registry };
  const paths: Record<string, JsonObject> = {};
  // Paths that differ only in the names of their parameters are one path to OpenAPI: the first gives the names.
  const shapes = new Map<string, ReturnType<typeof documentedPath>>();
  for (const transcoder of transcoders) {
    const { httpMethod, template } = transcoder.binding;
    if (!METHODS.has(httpMethod)) continue;
    const own = documentedPath(template);
    const shape = own.path.replace(/\{[^}]*\}/g, '{}');
    const { path, names } = shapes.get(shape) ?? own;
    shapes.set(shape, { path, names });
    paths[path] = { ...paths[path], [httpMethod.toLowerCase()]: operationOf(transcoder, described, names) };
  }
  const services = [...new Set(transcoders.map(({ binding }) => binding.rpc.service))];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Malla',
      version: '1',
      description: 'Made from the contracts of the services; always what the gateway does.',
    },
    servers: [{ url: '/' }],
    tags: services.map((name) => ({ name: name.split('.').at(-1) ?? '', description: comments.get(name) ?? '' })),
    paths,
    components: {
      schemas: {
        ...Object.fromEntries(
          [...schemas].map(([name, schema]) => [name, documentedSchema(schema, contract.registry, comments)]),
        ),
        Problem: PROBLEM_SCHEMA,
        ...STREAM_SCHEMAS,
      },
      responses: RESPONSES,
      headers: HEADERS,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}
