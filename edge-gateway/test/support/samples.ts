import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import fc from 'fast-check';

type Schema = JsonObject & { readonly $ref?: string; readonly type?: string | string[]; readonly format?: string };

const FORMATS: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
  email: fc.constantFrom('a@example.com', 'b.c@example.org'),
  uri: fc.constant('https://example.com/picture.png'),
  'date-time': fc.constantFrom('2026-01-31T12:00:00Z', '1999-12-31T23:59:59.123Z'),
  'google-duration': fc.constantFrom('0s', '1.500s'),
  'google-fieldmask': fc.constantFrom('', 'displayName'),
  byte: fc.constantFrom('', 'AQI='),
  int64: fc.constantFrom('0', '42', '-7'),
  uint64: fc.constantFrom('0', '42'),
};

/** JSON values that a schema of the document takes. */
export function sampleOf(document: JsonObject, schema: Schema, depth = 3): fc.Arbitrary<JsonValue> {
  if (schema.$ref) return sampleOf(document, resolve(document, schema.$ref), depth);
  if (schema.enum) return fc.constantFrom(...(schema.enum as JsonValue[]));
  if (schema['x-enum']) return fc.constantFrom(...(schema['x-enum'] as JsonValue[]));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'object') return objectOf(document, schema, depth);
  if (type === 'array')
    return fc.array(sampleOf(document, schema.items as Schema, depth - 1), {
      minLength: Number(schema.minItems ?? 0),
      maxLength: Number(schema.maxItems ?? 2),
    });
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer' || type === 'number') return numberOf(schema);
  return type === 'string' ? stringOf(schema) : fc.constant(null);
}

/** Only what is required: members of a oneof exclude each other, and rules in CEL compare fields. */
function objectOf(document: JsonObject, schema: Schema, depth: number): fc.Arbitrary<JsonValue> {
  const required = (schema.required ?? []) as string[];
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  const samples: Record<string, fc.Arbitrary<JsonValue>> = Object.fromEntries(
    properties
      .filter(([name]) => required.includes(name))
      .map(([name, property]) => [name, sampleOf(document, property, depth - 1)]),
  );
  return fc.record(samples, { noNullPrototype: true });
}

function numberOf({ minimum = 0, maximum = 100 }: Schema): fc.Arbitrary<JsonValue> {
  return fc.integer({ min: Math.max(Number(minimum), -1_000), max: Math.min(Number(maximum), 1_000) });
}

function stringOf(schema: Schema): fc.Arbitrary<JsonValue> {
  const format = FORMATS[schema.format ?? ''];
  if (format) return format;
  const minLength = Number(schema.minLength ?? 0);
  const maxLength = Math.min(Number(schema.maxLength ?? 20), 20);
  if (typeof schema.pattern !== 'string') return fc.string({ minLength, maxLength });
  return fc
    .stringMatching(new RegExp(schema.pattern))
    .filter(({ length }) => length >= minLength && length <= Number(schema.maxLength ?? 100));
}

function resolve(document: JsonObject, reference: string): Schema {
  const steps = reference.slice('#/'.length).split('/');
  return steps.reduce<JsonValue>((value, step) => (value as JsonObject)[step] as JsonValue, document) as Schema;
}
