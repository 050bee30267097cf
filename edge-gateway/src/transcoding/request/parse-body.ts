import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { boundsOf } from '@malla/chassis/rule-bounds';
import { tooManyItems } from '@malla/chassis/rule-text';
import { FAULTS_MAX, type Fault, invalidRequest, type TranscodingError } from '../faults.ts';
import { JsonTooLongError } from '../json/json-measure.ts';
import { jsonPathToString } from '../json/json-path.ts';
import { type ParsedJson, parseStrictJson } from '../json/strict-json.ts';
import type { Binding } from '../routing/binding.ts';

/** The element of the contract at a place in a body. */
interface Target {
  /** The message there; undefined for what is no message. */
  readonly message: DescMessage | undefined;
  /** The list or map there. */
  readonly container: DescField | undefined;
}

/**
 * Parses the JSON of a binding's body, as `parseStrictJson` does.
 * @throws TranscodingError also where an array or object is too long, in the words of the contract.
 */
export function parseBody(bytes: Uint8Array, binding: Binding): ParsedJson {
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    throw error instanceof JsonTooLongError ? explainTooLong(error, binding) : error;
  }
}

/**
 * Says of a body with an array or object that is too long what its rules say: a list has more than it may, or an object has
 * members that are no field. @returns the error itself where the contract says nothing of the place.
 */
function explainTooLong(error: JsonTooLongError, { body, rpc }: Binding): TranscodingError {
  const target = targetOf(
    body === 'message' || body === undefined ? whole(rpc.method.input) : atField(body),
    error.path,
  );
  const field = jsonPathToString(error.path);
  if (target?.container) {
    const { itemsMax, itemsReason } = boundsOf(target.container);
    if (itemsMax !== undefined)
      return invalidRequest([{ field, reason: itemsReason, message: tooManyItems(itemsMax) }]);
  }
  if (!target?.message || !error.names) return error;
  return invalidRequest(unknownMembers(target.message, error.path, error.names));
}

function unknownMembers({ fields }: DescMessage, path: JsonTooLongError['path'], names: readonly string[]): Fault[] {
  const known = new Set(fields.flatMap(({ name, jsonName }) => [name, jsonName]));
  const unknown = names.filter((name) => !known.has(name)).slice(0, FAULTS_MAX);
  const reason = 'FIELD_UNKNOWN';
  return unknown.map((name) => ({
    field: jsonPathToString([...path, name]),
    reason,
    message: 'is not a field of this message',
  }));
}

function whole(message: DescMessage): Target {
  return { message, container: undefined };
}

function atField(field: DescField): Target {
  const isContainer = field.fieldKind === 'list' || field.fieldKind === 'map';
  return isContainer ? { message: undefined, container: field } : { message: field.message, container: undefined };
}

function targetOf(start: Target, path: JsonTooLongError['path']): Target | undefined {
  let target: Target | undefined = start;
  for (const step of path) {
    const { message, container }: Target = target;
    const field = message?.fields.find(({ name, jsonName }) => name === step || jsonName === step);
    if (container) target = { message: container.message, container: undefined };
    else if (field) target = atField(field);
    else return undefined;
  }
  return target;
}
