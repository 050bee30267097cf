import type { JsonValue } from '@bufbuild/protobuf';
import { oneOf } from '@malla/chassis/rule-words';
import { FAULTS_MAX, type PlacedFault } from '../faults.ts';
import { jsonPathToString } from '../json/json-path.ts';
import { FORMATS, isDigits } from './formats.ts';
import type { JsonSchema } from './json-schema.ts';

/** An error of Ajv with `verbose` on. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly propertyName?: string | undefined;
  readonly parentSchema?: JsonSchema;
  readonly data?: unknown;
  readonly message?: string;
}

/** A fault of the schema and where it is. */
export interface SchemaFault extends PlacedFault {
  /** True when the value cannot be converted; false when it breaks a rule. */
  readonly structural: boolean;
}

/** The keywords whose errors only repeat those of their parts. */
const COMPOSITE = new Set(['if', 'propertyNames']);

/** Translates the first errors of Ajv for the client. `json` is the validated value. */
export function explainSchemaErrors(errors: readonly SchemaError[], json: JsonValue): SchemaFault[] {
  return errors
    .slice(0, FAULTS_MAX)
    .filter(({ keyword }) => !COMPOSITE.has(keyword))
    .map((error) => {
      const path = [...pathOf(error.instancePath, json), ...memberOf(error)];
      return { path, field: jsonPathToString(path), ...explain(error) };
    });
}

function memberOf({ params, propertyName }: SchemaError): string[] {
  const member = params.additionalProperty ?? params.missingProperty ?? propertyName;
  return typeof member === 'string' ? [member] : [];
}

type Explanation = Pick<SchemaFault, 'reason' | 'message' | 'structural'>;

function explain(error: SchemaError): Explanation {
  switch (error.keyword) {
    case 'additionalProperties':
      return structural('FIELD_UNKNOWN', 'is not a field of this message');
    case 'required':
      return structural('REQUIRED', 'is required');
    case 'type':
    case 'format':
      return explainType(error);
    case 'enum':
    case 'pattern':
      if (error.propertyName !== undefined) return structural('TYPE_MISMATCH', 'must be true or false');
      if (error.parentSchema?.['x-enum']) return unknownName(error.parentSchema['x-enum']);
      break;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      if (isOutOfType(error)) return structural('NUMBER_OUT_OF_RANGE', `must be ${wordsOf(error.parentSchema)}`);
  }
  return { reason: 'RULE_BROKEN', message: error.message ?? 'breaks a rule', structural: false };
}

function structural(reason: string, message: string): Explanation {
  return { reason, message, structural: true };
}

function explainType({ parentSchema, data }: SchemaError): Explanation {
  const words = `must be ${wordsOf(parentSchema)}`;
  if (data === null) return structural('NULL_NOT_ALLOWED', `${words}, not null`);
  const number = typeof data === 'string' && isDigits(data) && parentSchema?.format?.includes('int');
  return structural(number ? 'NUMBER_OUT_OF_RANGE' : 'TYPE_MISMATCH', words);
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'an array',
  string: 'a string',
  boolean: 'true or false',
  integer: 'an integer',
  number: 'a number',
};

function wordsOf(schema: JsonSchema | undefined): string {
  if (schema?.['x-enum']) return enumWords(schema['x-enum']);
  const format = FORMATS[schema?.format ?? '']?.words;
  if (format !== undefined) return format;
  const types = typeof schema?.type === 'string' ? [schema.type] : (schema?.type ?? []);
  return types.map((type) => TYPE_WORDS[type] ?? type).join(' or ') || 'of another type';
}

function unknownName(names: readonly string[]): Explanation {
  return structural('ENUM_VALUE_UNKNOWN', `must be ${enumWords(names)}`);
}

/** The maximum of listed names of an enum. */
const NAMES_MAX = 20;

/** The names that a client may choose from: an `_UNSPECIFIED` stands for what was left out. */
function enumWords(names: readonly string[]): string {
  const said = names.filter((name) => !name.endsWith('_UNSPECIFIED'));
  return said.length > NAMES_MAX ? `${oneOf(said.slice(0, NAMES_MAX))}, …` : oneOf(said);
}

const TYPE_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  float: [-3.4028234663852886e38, 3.4028234663852886e38],
};

/** Returns true when a number is outside the range of its type, not only outside a rule. */
function isOutOfType({ parentSchema, data }: SchemaError): boolean {
  const range = TYPE_RANGES[parentSchema?.format ?? ''];
  return range !== undefined && typeof data === 'number' && (data < range[0] || data > range[1]);
}

/** The steps of a JSON Pointer (RFC 6901) into a value; the steps into arrays as numbers. */
function pathOf(pointer: string, json: JsonValue): (string | number)[] {
  let value: unknown = json;
  return pointer
    .split('/')
    .slice(1)
    .map((step) => {
      const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
      const key = Array.isArray(value) ? Number(name) : name;
      value = (value as Record<string | number, unknown> | undefined)?.[key];
      return key;
    });
}
