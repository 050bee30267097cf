import { type DescField, type DescMessage, fromJson, type JsonValue, type Message, toBinary } from '@bufbuild/protobuf';
import { RuntimeError, type Validator, type Violation } from '@bufbuild/protovalidate';
import type { Contract } from '@malla/proto/contract';
import { FAULTS_MAX, invalidRequest, type PlacedFault } from './faults.ts';
import { jsonPathToString } from './json-path.ts';
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
    throw invalidRequest([{ field: '', reason: 'VALUE_INVALID', message: 'cannot be converted to its type' }]);
  }
}

/** What in a message breaks a rule of `buf.validate`. */
export function ruleFaults({ validator }: Codec, type: DescMessage, message: Message): PlacedFault[] {
  const result = validator.validate(type, message);
  if (result.kind === 'error') return [notEvaluable(result.error)];
  return (result.violations ?? []).slice(0, FAULTS_MAX).map(toFault);
}

function toFault({ field, ruleId, message }: Violation): PlacedFault {
  const path = pathSteps(field);
  const reason = ruleId.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase();
  return { path, field: jsonPathToString(path), reason, message };
}

/**
 * A rule that cannot be evaluated with the message's values, as a sum beyond 64 bits. The library does not say which.
 * @throws the error when rules do not compile, which no message can help.
 */
function notEvaluable(error: Error): PlacedFault {
  if (!(error instanceof RuntimeError)) throw error;
  return {
    path: [],
    field: '',
    reason: 'RULE_NOT_EVALUABLE',
    message: 'has values that a rule cannot be evaluated with',
  };
}
