import { type DescField, type DescMessage, fromJson, type JsonValue, type Message, toBinary } from '@bufbuild/protobuf';
import type { RuleCheck } from '@malla/chassis/rule-check';
import type { Contract } from '@malla/proto/contract';
import { invalidRequest, type PlacedFault } from '../faults.ts';
import { jsonPathToString } from '../json/json-path.ts';
import { pathSteps } from '../json/message-path.ts';

/** The dependencies of the conversion from JSON to messages. */
export interface Codec {
  readonly registry: Contract['registry'];
  readonly check: RuleCheck;
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
  const message = messageOf(codec, type, json, parts);
  const faults = ruleFaults(codec, type, message);
  if (faults.length > 0) throw invalidRequest(faults);
  return toBinary(type, message);
}

/**
 * Turns JSON, with the parts that did not come as JSON, into a message.
 * @throws TranscodingError when it is not the JSON of the message.
 */
export function messageOf(
  { registry }: Codec,
  type: DescMessage,
  json: JsonValue,
  parts: readonly MessagePart[] = [],
): Message {
  try {
    const message = fromJson(type, json, { registry }) as Message & Record<string, Message>;
    for (const { field, value } of parts) message[field.localName] = value;
    return message;
  } catch {
    throw invalidRequest([unconvertible()]);
  }
}

/** The fault of JSON that the library refuses and in which no other check finds a fault. */
export function unconvertible(): PlacedFault {
  return { path: [], field: '', reason: 'VALUE_INVALID', message: 'cannot be converted to its type' };
}

/** Returns the faults of a message under `buf.validate`, in the words of the services. */
export function ruleFaults({ check }: Codec, type: DescMessage, message: Message): PlacedFault[] {
  return check(type, message).map(({ path, reason, description }) => {
    const steps = pathSteps(path);
    return { path: steps, field: jsonPathToString(steps), reason, message: description };
  });
}
