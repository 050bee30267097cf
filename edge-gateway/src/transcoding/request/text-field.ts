import { type DescField, type JsonObject, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { isWrapperDesc } from '@bufbuild/protobuf/wkt';
import { boundsOf } from '@malla/chassis/rule-bounds';
import { canonicaliser } from '../json/canonical-json.ts';
import { fieldConverter } from '../json/canonical-values.ts';
import { type FieldPath, jsonPathOf, lastField, parentObject } from '../json/field-path.ts';
import { ITEMS_MAX } from '../json/json-measure.ts';
import { isFull, type JsonWalk } from '../json/json-walk.ts';

/** A field that the text of a path variable, a query parameter or a header sets. */
export interface TextField {
  readonly path: FieldPath;
  /** Its path in JSON names. */
  readonly name: string;
  readonly field: DescField;
  /** The canonical JSON that a text stands for. A wrong text is left for the schema to find. */
  readonly toJson: (text: string, walk: JsonWalk) => JsonValue;
}

const TEXT_MESSAGES = new Set(['google.protobuf.Timestamp', 'google.protobuf.Duration', 'google.protobuf.FieldMask']);

/** Makes a text field of a path; undefined when no text can stand for it: a map, or a message without a text form. */
export function textField(path: FieldPath): TextField | undefined {
  const field = lastField(path);
  if (field.fieldKind === 'map') return undefined;
  if (field.message && !isWrapperDesc(field.message) && !TEXT_MESSAGES.has(field.message.typeName)) return undefined;
  // Texts are short here: a request's head is bounded.
  const isText = !field.message && !field.enum && field.scalar === ScalarType.STRING;
  const convert = isText ? undefined : fieldConverter(field, canonicaliser);
  const toJson = (text: string, walk: JsonWalk): JsonValue => {
    const json = textToJson(field, text);
    if (!convert) return json;
    return field.fieldKind === 'list' ? ((convert([json], walk) as JsonValue[])[0] as JsonValue) : convert(json, walk);
  };
  return { path, name: jsonPathOf(path), field, toJson };
}

function textToJson({ message, enum: desc, scalar }: DescField, text: string): JsonValue {
  if (desc) return /^-?\d{1,10}$/.test(text) ? Number(text) : text;
  if (message?.typeName === 'google.protobuf.FieldMask') return lowerCamelPaths(text);
  const type = message && isWrapperDesc(message) ? message.fields[0].scalar : scalar;
  if (type !== ScalarType.BOOL) return text;
  return text === 'true' || (text === 'false' ? false : text);
}

/** A field mask in either spelling of its paths; the JSON mapping has but lowerCamelCase. */
function lowerCamelPaths(text: string): string {
  return text.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Sets a field that the request may give once, or add to when it is a list. */
export function addText(request: JsonObject, target: TextField, text: string, walk: JsonWalk): void {
  const parent = parentObject(request, target.path);
  if (!parent) return;
  const { field } = target;
  const value = target.toJson(text, walk);
  const present = parent[field.jsonName];
  if (field.fieldKind === 'list') {
    if (Array.isArray(present)) addItem(present, value, target, walk);
    else parent[field.jsonName] = [value];
    return;
  }
  const other = otherMember(parent, target);
  if (present !== undefined) fault(walk, target, 'FIELD_DUPLICATED', 'is given twice');
  else if (other) fault(walk, target, 'ONEOF_CONFLICT', `cannot be given together with ${other.jsonName}`);
  else parent[field.jsonName] = value;
}

/** Another member of the field's oneof that is set already. */
function otherMember(parent: JsonObject, { field }: TextField): DescField | undefined {
  return field.oneof?.fields.find((each) => each !== field && parent[each.jsonName] !== undefined);
}

/** One more than the rules allow says that there are too many, and the others are left out. */
function addItem(items: JsonValue[], value: JsonValue, { field }: TextField, walk: JsonWalk): void {
  const { itemsMax = ITEMS_MAX } = boundsOf(field);
  if (items.length <= itemsMax && !isFull(walk)) items.push(value);
}

/** Sets a field that the path or a header names. The body may repeat it, but not contradict it. */
export function setText(request: JsonObject, target: TextField, text: string, walk: JsonWalk): void {
  const parent = parentObject(request, target.path);
  if (!parent) return;
  const { jsonName } = target.field;
  const value = target.toJson(text, walk);
  const present = parent[jsonName];
  const other = otherMember(parent, target);
  if (other) fault(walk, target, 'ONEOF_CONFLICT', `cannot be given together with ${other.jsonName}`);
  if (present !== undefined && present !== value) {
    fault(walk, target, 'FIELD_CONTRADICTED', 'differs from what the path or a header of the request says');
  }
  parent[jsonName] = value;
}

function fault(walk: JsonWalk, { path, name }: TextField, reason: string, message: string): void {
  if (isFull(walk)) return;
  walk.faults.push({ path: path.map(({ jsonName }) => jsonName), field: name, reason, message });
}
