import { create, setExtension } from '@bufbuild/protobuf';
import { type FieldOptions, FieldOptionsSchema, FieldDescriptorProto_Type as Type } from '@bufbuild/protobuf/wkt';
import {
  type FieldRules,
  FieldRulesSchema,
  field as fieldRules,
  Ignore,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

type Rules = Parameters<typeof create<typeof FieldRulesSchema>>[1];
type TypeRules = FieldRules['type'];

/** Some rules of a number: a range, the outside of one, or a list, of which the least float is no double. */
function numberRules(name: string, of: (value: number) => number | bigint, choice: number): TypeRules {
  const range = {
    greaterThan: { case: 'gte', value: of(choice === 1 ? 7 : 0.1) },
    lessThan: { case: 'lt', value: of(choice === 1 ? 3 : 1_000.7) },
  };
  const one = { lessThan: { case: 'lte', value: of(0.1) } };
  const value = choice < 2 ? range : choice === 2 ? one : { in: [of(0.1), of(5), of(0.3)] };
  return { case: name, value } as never;
}

const STRING_RULES = [{ minLen: 2n, maxLen: 4n }, { pattern: '^[a-z0-9]*$' }, { in: ['', 'x', '1'] }, { prefix: 'x' }];
const BYTES_RULES = [{ maxLen: 3n }, { minLen: 1n }, { len: 2n }, { prefix: Uint8Array.of(0) }];
const FLOATS: Readonly<Record<number, string>> = { [Type.DOUBLE]: 'double', [Type.FLOAT]: 'float' };
const INTEGERS: Readonly<Record<number, string>> = {
  [Type.INT32]: 'int32',
  [Type.FIXED32]: 'fixed32',
  [Type.UINT32]: 'uint32',
  [Type.SFIXED32]: 'sfixed32',
  [Type.SINT32]: 'sint32',
};
const LONGS: Readonly<Record<number, string>> = {
  [Type.INT64]: 'int64',
  [Type.UINT64]: 'uint64',
  [Type.FIXED64]: 'fixed64',
  [Type.SFIXED64]: 'sfixed64',
  [Type.SINT64]: 'sint64',
};

/** Rules of a value of a type; none for messages but `Any`. `choice` is 0 to 3. */
function valueRules(type: Type, typeName: string, choice: number): TypeRules {
  const [float, integer, long] = [FLOATS[type], INTEGERS[type], LONGS[type]];
  if (float) return numberRules(float, (value) => value, choice);
  if (integer) return numberRules(integer, Math.ceil, choice);
  if (long) return numberRules(long, (value) => BigInt(Math.ceil(value)), choice);
  if (type === Type.STRING) return { case: 'string', value: STRING_RULES[choice] } as never;
  if (type === Type.BYTES) return { case: 'bytes', value: BYTES_RULES[choice] } as never;
  if (type === Type.BOOL) return { case: 'bool', value: { const: choice > 1 } } as never;
  if (type === Type.ENUM) return { case: 'enum', value: choice > 1 ? { definedOnly: true } : { in: [0, 1] } } as never;
  if (typeName.endsWith('.Any')) return { case: 'any', value: { in: ['a/google.protobuf.Duration'] } } as never;
  return { case: undefined };
}

/** What a generated field is ruled by: its type, how often it may be there, and which of the rules. */
export interface Ruled {
  readonly type: Type;
  readonly typeName: string;
  readonly form: string;
  readonly choice: number;
}

/** The options of a field with rules of `buf.validate`. */
export function ruledOptions({ type, typeName, form, choice }: Ruled): FieldOptions {
  const value = create(FieldRulesSchema, { type: valueRules(type, typeName, choice % 4) as never });
  const ignore = choice % 3 === 0 ? Ignore.IF_ZERO_VALUE : Ignore.UNSPECIFIED;
  const rules = create(FieldRulesSchema, { ...rulesOfForm(form, value, type, choice), ignore });
  const options = create(FieldOptionsSchema);
  setExtension(options, fieldRules, rules);
  return options;
}

function rulesOfForm(form: string, value: FieldRules, type: Type, choice: number): NonNullable<Rules> {
  const most = BigInt(1 + (choice % 3));
  if (form === 'repeated') {
    const unique = choice % 2 === 0 && type !== Type.MESSAGE;
    return { type: { case: 'repeated', value: { maxItems: most, unique, items: value } } };
  }
  if (form === 'map') return { type: { case: 'map', value: { maxPairs: most, values: value } } };
  return { type: value.type as never, required: choice === 5 };
}
