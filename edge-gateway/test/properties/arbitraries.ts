import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  type FileRegistry,
  type JsonValue,
  ScalarType,
} from '@bufbuild/protobuf';
import {
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { ruledOptions } from './rules.ts';

const MESSAGES = 3;
const WELL_KNOWN = [
  'Any',
  'Timestamp',
  'Duration',
  'FieldMask',
  'Struct',
  'Value',
  'ListValue',
  'StringValue',
  'Int64Value',
  'BoolValue',
  'DoubleValue',
  'BytesValue',
];
const FILES = [
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
];
/** Every scalar type: 1 to 18 without group, message and enum. */
const SCALARS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 18] as const;
const KEYS = [3, 4, 5, 8, 9, 13] as const;

type Kind =
  | { readonly kind: 'scalar'; readonly type: (typeof SCALARS)[number] }
  | { readonly kind: 'enum' }
  | { readonly kind: 'message'; readonly name: string };

const kind: fc.Arbitrary<Kind> = fc.oneof(
  fc.record({ kind: fc.constant('scalar' as const), type: fc.constantFrom(...SCALARS) }),
  fc.record({ kind: fc.constant('enum' as const) }),
  fc.record({ kind: fc.constant('message' as const), name: fc.nat(MESSAGES - 1).map((index) => `.gen.M${index}`) }),
  fc.record({
    kind: fc.constant('message' as const),
    name: fc.constantFrom(...WELL_KNOWN).map((name) => `.google.protobuf.${name}`),
  }),
);
const shape = fc.record({
  kind,
  form: fc.constantFrom('plain', 'plain', 'optional', 'repeated', 'oneof', 'map'),
  key: fc.constantFrom(...KEYS),
  style: fc.constantFrom('field', 'some_field', 'UPPER', 'x_1'),
  /** Which rules it has, where it has some. */
  choice: fc.nat(11),
});
type Shape = typeof shape extends fc.Arbitrary<infer Value> ? Value : never;

/** Registries of message types `gen.M0` … with fields of every kind, which refer to each other and to well-known types. */
export const registries: fc.Arbitrary<FileRegistry> = registriesOf(false);

/** The same, with rules at every field. */
export const ruledRegistries: fc.Arbitrary<FileRegistry> = registriesOf(true);

function registriesOf(ruled: boolean): fc.Arbitrary<FileRegistry> {
  return fc
    .array(fc.array(shape, { minLength: 1, maxLength: 8 }), { minLength: MESSAGES, maxLength: MESSAGES })
    .map((messages) => {
      const file = create(FileDescriptorProtoSchema, {
        name: 'gen.proto',
        package: 'gen',
        syntax: 'proto3',
        dependency: FILES.map(({ proto }) => proto.name),
        enumType: [
          create(EnumDescriptorProtoSchema, {
            name: 'E',
            value: [
              { name: 'E_ZERO', number: 0 },
              { name: 'E_ONE', number: 1 },
              { name: 'E_NEGATIVE', number: -1 },
            ],
          }),
        ],
        messageType: messages.map((shapes, index) =>
          messageProto(ruled ? shapes.map((each) => upwards(each, index)) : shapes, index, ruled),
        ),
      });
      return createFileRegistry(create(FileDescriptorSetSchema, { file: [...FILES.map(({ proto }) => proto), file] }));
    });
}

/**
 * Lets a message refer to itself and to those before it alone: of types that contain each other, protovalidate drops rules
 * while it plans them.
 */
function upwards(each: Shape, index: number): Shape {
  const target = each.kind.kind === 'message' ? /^\.gen\.M(\d)$/.exec(each.kind.name)?.[1] : undefined;
  if (target === undefined || Number(target) <= index) return each;
  return { ...each, kind: { kind: 'message', name: `.gen.M${index}` } };
}

function messageProto(shapes: readonly Shape[], index: number, ruled: boolean) {
  const oneof = shapes.some(({ form }) => form === 'oneof');
  let synthetic = oneof ? 1 : 0;
  const fields = shapes.map((each, position) => {
    const field = fieldProto(each, position, `.gen.M${index}.`);
    if (ruled) field.options = ruledOptions({ ...each, ...typeProto(each.kind) });
    if (each.form === 'oneof') field.oneofIndex = 0;
    if (each.form === 'optional') {
      field.proto3Optional = true;
      field.oneofIndex = synthetic++;
    }
    return field;
  });
  const optional = fields.filter(({ proto3Optional }) => proto3Optional).map(({ name }) => ({ name: `_${name}` }));
  return create(DescriptorProtoSchema, {
    name: `M${index}`,
    field: fields,
    oneofDecl: [...(oneof ? [{ name: 'choice' }] : []), ...optional],
    nestedType: shapes.flatMap((each, position) => (each.form === 'map' ? [entryProto(each, position)] : [])),
  });
}

function fieldProto(each: Shape, position: number, parent: string) {
  const name = `${each.style}${position}`;
  const base = { name, jsonName: name.replace(/_(.)/g, (_, next: string) => next.toUpperCase()), number: position + 1 };
  if (each.form === 'map') {
    const typeName = `${parent}${entryName(position)}`;
    return create(FieldDescriptorProtoSchema, { ...base, label: Label.REPEATED, type: Type.MESSAGE, typeName });
  }
  const label = each.form === 'repeated' ? Label.REPEATED : Label.OPTIONAL;
  return create(FieldDescriptorProtoSchema, { ...base, label, ...typeProto(each.kind) });
}

function typeProto(of: Kind): { type: Type; typeName: string } {
  if (of.kind === 'scalar') return { type: of.type as Type, typeName: '' };
  return of.kind === 'enum' ? { type: Type.ENUM, typeName: '.gen.E' } : { type: Type.MESSAGE, typeName: of.name };
}

function entryName(position: number): string {
  return `Entry${position}`;
}

function entryProto(each: Shape, position: number) {
  const value = { name: 'value', jsonName: 'value', number: 2, label: Label.OPTIONAL, ...typeProto(each.kind) };
  const key = { name: 'key', jsonName: 'key', number: 1, label: Label.OPTIONAL, type: each.key as Type };
  return create(DescriptorProtoSchema, { name: entryName(position), field: [key, value], options: { mapEntry: true } });
}

/** JSON texts of a message: canonical forms and the other spellings that the mapping allows. */
export function jsonOf(message: DescMessage, depth = 3): fc.Arbitrary<JsonValue> {
  const wellKnown = WELL_KNOWN_JSON[message.typeName];
  if (wellKnown) return wellKnown;
  const oneofs = new Map(message.oneofs.map((oneof) => [oneof, oneof.fields.map(({ jsonName }) => jsonName)]));
  const fields = message.fields.filter(
    (field) => depth > 0 || !field.message || WELL_KNOWN_JSON[field.message.typeName],
  );
  const members = fields.map((field) =>
    fc.record({
      name: fc.constantFrom(field.name, field.jsonName),
      value: fieldJson(field, depth - 1),
      field: fc.constant(field),
    }),
  );
  return fc.tuple(fc.subarray([...members.keys()]), fc.tuple(...members)).map(([chosen, all]) => {
    const taken = new Set<unknown>();
    const kept = all.filter(({ field }, index) => {
      if (!chosen.includes(index) || (field.oneof && taken.has(field.oneof))) return false;
      if (field.oneof && oneofs.has(field.oneof)) taken.add(field.oneof);
      return true;
    });
    return Object.fromEntries(kept.map(({ name, value }) => [name, value]));
  });
}

function fieldJson(field: DescField, depth: number): fc.Arbitrary<JsonValue> {
  if (field.fieldKind === 'list') return fc.array(valueJson(field, depth), { maxLength: 3 });
  if (field.fieldKind !== 'map') return valueJson(field, depth);
  const keys =
    field.mapKey === ScalarType.BOOL ? fc.constantFrom('true', 'false') : scalarJson(field.mapKey).map(String);
  const key =
    field.mapKey === ScalarType.STRING
      ? fc.string({ unit: 'grapheme', maxLength: 5 }).filter((name) => name !== '__proto__')
      : keys;
  return fc.dictionary(key, valueJson(field, depth), { maxKeys: 2 });
}

function valueJson({ message, enum: desc, scalar }: DescField, depth: number): fc.Arbitrary<JsonValue> {
  if (message) return jsonOf(message, depth);
  if (desc) return fc.constantFrom<JsonValue[]>('E_ZERO', 'E_ONE', 'E_NEGATIVE', 0, 1, -1, 99);
  return scalarJson(scalar as ScalarType);
}

const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom('NaN', 'Infinity', '-Infinity'),
);
const bigint = (min: bigint, max: bigint) => fc.bigInt({ min, max }).map(String);
const text = fc.string({ unit: 'grapheme', maxLength: 10 });
const bytes = fc.uint8Array({ maxLength: 8 }).map((value) => Buffer.from(value).toString('base64'));

function scalarJson(scalar: ScalarType): fc.Arbitrary<JsonValue> {
  switch (scalar) {
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return bytes;
    case ScalarType.DOUBLE:
      return double;
    case ScalarType.FLOAT:
      // Bounds of the rules, which no float is exactly, and what a float makes of its neighbours.
      return fc.oneof(
        fc.float({ noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(0.1, 0.3, 1_000.7, 0.100000001, 1_000.69998),
      );
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return fc.nat(2 ** 31 - 1).map((value) => value * 2);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return bigint(0n, 2n ** 64n - 1n);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.oneof(bigint(-(2n ** 63n), 2n ** 63n - 1n), fc.maxSafeInteger());
    default:
      return fc.oneof(fc.integer(), fc.integer().map(String));
  }
}

const json = fc.jsonValue({ maxDepth: 2, noUnicodeString: false }) as fc.Arbitrary<JsonValue>;
const plainJson = json.filter((value) => !JSON.stringify(value).includes('__proto__'));
const object = fc.dictionary(
  text.filter((name) => name !== '__proto__'),
  plainJson,
  { maxKeys: 3 },
);
const seconds = fc.bigInt({ min: -315_576_000_000n, max: 315_576_000_000n });

const WELL_KNOWN_JSON: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
  'google.protobuf.Any': fc.oneof(
    fc.constant({}),
    fc.constant({ '@type': 'a/google.protobuf.Duration', value: '1s' }),
    fc.record({
      '@type': fc.constant('a/google.protobuf.Int64Value'),
      value: fc.oneof(bigint(-(2n ** 63n), 2n ** 63n - 1n), fc.maxSafeInteger()),
    }),
  ),
  'google.protobuf.Timestamp': fc
    .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  'google.protobuf.Duration': seconds.map((value) => `${value}s`),
  'google.protobuf.FieldMask': fc
    .array(fc.constantFrom('a', 'aB', 'a.bC'), { maxLength: 3 })
    .map((paths) => paths.join(',')),
  'google.protobuf.Struct': object,
  'google.protobuf.Value': plainJson,
  'google.protobuf.ListValue': fc.array(plainJson, { maxLength: 3 }),
  'google.protobuf.StringValue': text,
  'google.protobuf.Int64Value': bigint(-(2n ** 63n), 2n ** 63n - 1n),
  'google.protobuf.BoolValue': fc.boolean(),
  'google.protobuf.DoubleValue': double,
  'google.protobuf.BytesValue': bytes,
};

const SPOILERS: readonly JsonValue[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  '',
  'x',
  '1',
  '1e5',
  '-',
  'E_ONE',
  'NaN',
  [],
  {},
  [null],
  { a: 1 },
  { '@type': 'x' },
  '2026-02-30T00:00:00Z',
  '9'.repeat(30),
];

/** A JSON value with one or more places overwritten by something else, or given a member that may be unknown. */
export function spoiled(value: JsonValue): fc.Arbitrary<JsonValue> {
  const spots = fc.array(
    fc.record({
      at: fc.nat(50),
      put: fc.constantFrom(...SPOILERS),
      name: fc.constantFrom('nope', 'value', 'field0', ''),
    }),
    { minLength: 1, maxLength: 3 },
  );
  return spots.map((all) =>
    all.reduce((result, { at, put, name }) => spoil(result, { left: at }, put, name), structuredClone(value)),
  );
}

function spoil(value: JsonValue, counter: { left: number }, put: JsonValue, name: string): JsonValue {
  counter.left -= 1;
  if (counter.left < 0) return put;
  if (Array.isArray(value))
    return value.map((element) => (counter.left < 0 ? element : spoil(element, counter, put, name)));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, inner]) => [
    key,
    counter.left < 0 ? inner : spoil(inner, counter, put, name),
  ]);
  return Object.fromEntries(counter.left < 0 || Object.keys(value).length > 0 ? members : [[name, put]]);
}
