import type { JsonValue } from '@bufbuild/protobuf';
import { jsonPathOf, lastField } from '../transcoding/json/field-path.ts';
import { requestType } from '../transcoding/request/body-types.ts';
import type { Transcoder } from '../transcoding/transcoder.ts';
import { boundFields } from './bound-fields.ts';
import { type Extent, exampleOf, exampleOfMessage, type Messages } from './example.ts';

/** The facts about the requests of a binding that trials show. */
export interface RequestExample {
  /** A JSON body that the gateway takes, or a line of one; undefined when none was found. */
  readonly body: JsonValue | undefined;
  /** True when a request without a body is refused. */
  readonly bodyRequired: boolean;
}

/** Makes examples of a binding's requests, as many as it takes to find one that the gateway's own validation takes. */
export function requestExample(transcoder: Transcoder, messages: Messages): RequestExample {
  const { binding } = transcoder;
  const type = requestType(binding);
  if (type === undefined) return { body: undefined, bodyRequired: false };
  const takes = (body: JsonValue | undefined) => isTaken(transcoder, messages, body);
  // A stream may have no message at all.
  const bodyRequired = type !== 'application/x-ndjson' && !takes(undefined);
  if (type === '*/*') return { body: undefined, bodyRequired };
  const candidates = (['settable', 'required'] as const).map((extent) => bodyExample(transcoder, messages, extent));
  return { body: candidates.find((body) => body !== undefined && takes(body)), bodyRequired };
}

function bodyExample({ binding }: Transcoder, messages: Messages, extent: Extent): JsonValue | undefined {
  const { rpc, body, pathFields } = binding;
  const { typeName } = rpc.method.input;
  if (body === 'message') return exampleOfMessage(typeName, messages, extent, 0, boundFields(binding));
  const schema = body && messages.schemas.get(typeName)?.properties?.[body.jsonName];
  if (!schema) return undefined;
  const example = exampleOf(schema, messages, extent);
  const inner = pathFields.filter(([first, ...more]) => first === body && more.length === 1).map(lastField);
  if (inner.length === 0 || typeof example !== 'object' || example === null) return example;
  return Object.fromEntries(
    Object.entries(example).filter(([name]) => !inner.some((field) => field.jsonName === name)),
  ) as JsonValue;
}

function isTaken(transcoder: Transcoder, messages: Messages, body: JsonValue | undefined): boolean {
  const { etagRequired } = transcoder;
  try {
    const request = transcoder.assemble({
      captures: capturesOf(transcoder, messages),
      query: queryOf(transcoder, messages),
      body: body === undefined ? undefined : { value: structuredClone(body), inexact: undefined },
      ...(etagRequired && body === undefined && { ifMatch: 'v7' }),
    });
    transcoder.encode(request);
    return request.faults.length === 0 && request.strangers.length === 0;
  } catch {
    return false;
  }
}

/** The captures of a path's variables, from the examples of their fields. */
function capturesOf({ binding: { template, pathFields } }: Transcoder, messages: Messages): string[] {
  return pathFields.map((path, index) => {
    const { start = 0, end, multiSegment } = template.variables[index] ?? {};
    if (!multiSegment) return String(fieldExample(lastField(path), messages));
    const segments = template.segments.slice(start, end);
    return segments.map((segment) => (segment.kind === 'literal' ? segment.text : 'example')).join('/');
  });
}

/** The query of what only a query can give and has to be given. */
function queryOf({ binding: { rpc, body, pathFields } }: Transcoder, messages: Messages): string {
  if (body === 'message') return '';
  const bound = new Set(pathFields.map(jsonPathOf));
  const required = messages.schemas.get(rpc.method.input.typeName)?.required ?? [];
  const fields = rpc.method.input.fields.filter(
    (field) => field !== body && required.includes(field.jsonName) && !bound.has(field.jsonName),
  );
  return fields
    .map((field) => `${field.jsonName}=${encodeURIComponent(String(fieldExample(field, messages)))}`)
    .join('&');
}

function fieldExample(field: Transcoder['binding']['pathFields'][0][0], messages: Messages): JsonValue {
  const schema = messages.schemas.get(field.parent.typeName)?.properties?.[field.jsonName];
  return (schema && exampleOf(schema, messages, 'required')) ?? '';
}
