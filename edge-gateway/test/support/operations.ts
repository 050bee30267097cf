import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { AJV } from '../../src/transcoding/schema/ajv-options.ts';
import { createTestGateway, type TestGateway, type TestOptions } from './gateway.ts';
import { claims } from './tokens.ts';
import { type Fakes, startUpstream } from './upstream.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonObject;
  readonly example?: JsonValue;
}

export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operationId: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonObject }>>;
  };
  readonly responses: Readonly<Record<string, JsonObject>>;
  readonly security: readonly object[];
}

/** The document of a gateway, and the gateway. */
export interface Documented {
  readonly gateway: TestGateway;
  readonly document: JsonObject;
  readonly operations: readonly Operation[];
}

/**
 * Starts a gateway without limits of rate, and reads its document.
 * @param everything what the fakes of all services stream, if those are wanted that no fake answers for otherwise.
 */
export async function startDocumented(everything?: Fakes): Promise<Documented> {
  const limits = ['READ', 'WRITE', 'CREDENTIAL', 'WEBHOOK'].map((name) => [`RATE_LIMIT_${name}_PER_MINUTE`, '99999']);
  const env = Object.fromEntries(limits);
  const gateway = await createTestGateway(
    everything ? { env, fakes: everything, ...(await others(everything)) } : { env },
  );
  const document: JsonObject = (await gateway.app.inject('/openapi.json')).json();
  const paths = document.paths as unknown as Record<string, Record<string, Operation>>;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  );
  return { gateway, document, operations };
}

async function others(fakes: Fakes): Promise<Pick<TestOptions, 'upstreams'>> {
  const names = ['svc-stores', 'svc-transactions'];
  const upstreams = await Promise.all(names.map(async (name) => [name, await startUpstream(name, fakes)] as const));
  return { upstreams: Object.fromEntries(upstreams) };
}

/** One schema of everything that an operation takes: its parameters by place and name, and its body. */
export function sampleSchema({ parameters, requestBody }: Operation): JsonObject {
  const required = parameters.filter((parameter) => parameter.required || parameter.in === 'path');
  const properties = required.map(({ in: place, name, schema }) => [`${place} ${name}`, schema]);
  const body = requestBody?.content['application/json'];
  return {
    type: 'object',
    properties: Object.fromEntries([...properties, ...(body ? [['body', body.schema]] : [])]),
    required: [...properties.map(([name]) => name as string), ...(body ? ['body'] : [])],
  };
}

/** The patterns of the document stand in it many times, and take long to compile. */
const patterns = new Map<string, ReturnType<typeof linear>>();
const linear = AJV.customOptions.code.regExp;
const regExp = Object.assign(
  (pattern: string) => {
    const known = patterns.get(pattern) ?? linear(pattern);
    patterns.set(pattern, known);
    return known;
  },
  { code: linear.code },
);

/** A validator that knows of the document's schemas and nothing else. */
export function validatorOf({ components }: JsonObject, schema: JsonObject) {
  const { keywords, code } = AJV.customOptions;
  const ajv = new Ajv2020({ ...AJV.customOptions, keywords: [...keywords], code: { ...code, regExp }, strict: false });
  AJV.onCreate(ajv);
  return ajv.compile({ ...schema, components });
}

/** Calls an operation with a sample of its schema, or of its parameters alone and the example of a body. */
export async function callOperation(
  gateway: TestGateway,
  operation: Operation,
  sample: JsonObject,
  body?: { readonly type: string; readonly example: JsonValue },
) {
  const of = (place: string) =>
    Object.entries(sample)
      .filter(([name]) => name.startsWith(`${place} `))
      .map(([name, value]) => [name.slice(place.length + 1), String(value)] as const);
  const url = of('path').reduce(
    (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value || 'x')),
    operation.path,
  );
  const query = new URLSearchParams(Object.fromEntries(of('query'))).toString();
  const token = operation.security.length > 0 ? { authorization: `Bearer ${await gateway.issuer.sign(claims())}` } : {};
  const { type, example } = body ?? { type: 'application/json', example: sample.body };
  const isText = typeof example === 'string' && type !== 'application/json';
  const payload = example === undefined ? {} : { payload: isText ? example : JSON.stringify(example) };
  return gateway.app.inject({
    method: operation.method as 'GET',
    url: query ? `${url}?${query}` : url,
    headers: { ...Object.fromEntries(of('header')), ...token, ...(example !== undefined && { 'content-type': type }) },
    ...payload,
  });
}
