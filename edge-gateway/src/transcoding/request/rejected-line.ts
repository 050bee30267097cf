import type { DescField, DescMessage, JsonObject } from '@bufbuild/protobuf';
import { RejectedLineSchema } from '@malla/proto/malla/type/v1/rejected_line.pb';
import { type Fault, invalidRequest, TranscodingError } from '../faults.ts';
import { isObject } from '../json/json-walk.ts';
import type { Transcoder } from '../transcoder.ts';
import type { AssembledRequest } from './request-assembler.ts';

/** The rules of the message. */
const REASON_CHARS_MAX = 64;
const MESSAGE_CHARS_MAX = 1_000;

/** A line that cannot become a message, with as much of it as was read. */
export interface FaultyLine {
  /** From 1. */
  readonly line: number;
  readonly error: TranscodingError;
  readonly sent: AssembledRequest | undefined;
}

/** The field by which a client stream takes a line that is no message; undefined when such a line ends the call. */
export function rejectedLineFieldOf(message: DescMessage): DescField | undefined {
  return message.fields.find(
    (field) => field.fieldKind === 'message' && field.message.typeName === RejectedLineSchema.typeName,
  );
}

/** @throws TranscodingError when a client sets that field, which is the gateway's own. */
export function refuseRejectedLine(field: DescField | undefined, { json }: AssembledRequest): void {
  if (!field || !isObject(json) || json[field.jsonName] === undefined) return;
  throw invalidRequest([{ field: field.jsonName, reason: 'FIELD_UNKNOWN', message: 'is not a field of this message' }]);
}

/**
 * The bytes of the message that says so of a line: with what the path says and, so that the service knows what the line belongs
 * to, those of its fields that have no fault.
 * @throws TranscodingError, that of the line, when the path itself is at fault.
 */
export function rejectionOf(
  field: DescField,
  transcoder: Transcoder,
  captures: readonly string[],
  { line, error, sent }: FaultyLine,
): Uint8Array {
  const path = transcoder.assemble({ captures, query: '', body: undefined });
  const said = { ...(path.json as JsonObject), [field.jsonName]: { line, ...reasonOf(error) } };
  const encode = (json: JsonObject) => transcoder.encode({ ...path, json });
  return (
    unlessFaulty(() => encode({ ...faultless(sent, error.faults), ...said })) ??
    unlessFaulty(() => encode(said)) ??
    fail(error)
  );
}

/** The reason of the faults where they have but one, and all that is wrong. */
function reasonOf({ reason, message, faults }: TranscodingError) {
  const reasons = new Set(faults.map((fault) => fault.reason));
  const [only = reason] = reasons.size === 1 ? reasons : [];
  const all = faults.map((fault) => `${fault.field} ${fault.message}`.trim()).join('; ');
  return {
    reason: only.slice(0, REASON_CHARS_MAX),
    message: (all || message).slice(0, MESSAGE_CHARS_MAX).toWellFormed(),
  };
}

function faultless(sent: AssembledRequest | undefined, faults: readonly Fault[]): JsonObject {
  if (!isObject(sent?.json)) return {};
  const faulty = new Set(faults.map(({ field }) => /^\w+/.exec(field)?.[0]));
  return Object.fromEntries(Object.entries(sent.json).filter(([name]) => !faulty.has(name)));
}

function unlessFaulty(encode: () => Uint8Array): Uint8Array | undefined {
  try {
    return encode();
  } catch (error) {
    if (error instanceof TranscodingError) return undefined;
    throw error;
  }
}

function fail(error: Error): never {
  throw error;
}
