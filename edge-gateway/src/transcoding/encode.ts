import { type DescField, type DescMessage, fromJson, type JsonValue, type Message, toBinary } from '@bufbuild/protobuf';
import type { Validator, Violation } from '@bufbuild/protovalidate';
import type { Contract } from '@malla/proto/contract';
import { type Fault, invalidRequest } from './faults.ts';
import { jsonPathToString } from './json-path.ts';
import { locateUnconvertible } from './locate.ts';
import { pathSteps } from './message-path.ts';

/** What turning JSON into messages needs. */
export interface Codec {
  readonly registry: Contract['registry'];
  readonly validator: Validator;
}

/** A part of a message that did not come as JSON: raw bytes, or what was derived. */
export interface MessagePart {
  readonly field: DescField;
  readonly value: Message;
}

/**
 * Turns a request's JSON into the bytes of its message, and checks the rules that a JSON Schema cannot say.
 * @throws TranscodingError naming every field that breaks a rule.
 */
export function encodeMessage(
  codec: Codec,
  type: DescMessage,
  json: JsonValue,
  parts: readonly MessagePart[] = [],
): Uint8Array {
  const message = decodeJson(codec, type, json) as Message & Record<string, Message>;
  for (const { field, value } of parts) message[field.localName] = value;
  const faults = ruleFaults(codec, type, message);
  if (faults.length > 0) throw invalidRequest(faults);
  return toBinary(type, message);
}

/**
 * Turns JSON into a message.
 * @throws TranscodingError when it is not the JSON of the message.
 */
export function decodeJson({ registry }: Codec, type: DescMessage, json: JsonValue): Message {
  try {
    return fromJson(type, json, { registry });
  } catch {
    const field = jsonPathToString(locateUnconvertible(type, json, registry));
    throw invalidRequest([{ field, reason: 'VALUE_INVALID', message: 'cannot be converted to its type' }]);
  }
}

/** Everything in a message that breaks a rule of `buf.validate`. */
export function ruleFaults({ validator }: Codec, type: DescMessage, message: Message): Fault[] {
  const result = validator.validate(type, message);
  if (result.kind === 'error') throw result.error;
  return (result.violations ?? []).map(toFault);
}

function toFault({ field, ruleId, message }: Violation): Fault {
  const reason = ruleId.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase();
  return { field: jsonPathToString(pathSteps(field)), reason, message };
}
