import { type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import type { Contract } from '@malla/proto/contract';
import { refuseCardNumbers } from '../cards/card-guard.ts';
import { DomainError, type FieldViolation } from '../lib/errors.ts';
import { oversizedFields } from '../server/message-size.ts';
import { ruleCheckOf } from './rule-check.ts';

/** How many fields the text of a refusal names. */
const NAMED_MAX = 5;

/**
 * Checks the bytes of a message against its `buf.validate` rules: sizes first, and what is in a list only where the list is no
 * longer than it may be.
 * @throws DomainError `invalid` (MESSAGE_INVALID) naming the fields that break a rule, at most FAULTS_MAX, or that the bytes are
 *   no message; (CARD_NUMBER_REFUSED) as `refuseCardNumbers` does.
 */
export type ValidateMessage = (type: DescMessage, bytes: Uint8Array) => void;

/** Makes a validator for the messages of a contract. */
export function createMessageValidator(contract: Contract): ValidateMessage {
  const check = ruleCheckOf(contract.registry);
  return (type, bytes) => {
    const oversized = oversizedFields(type, bytes);
    if (oversized.length > 0) throw invalid(oversized);
    const message = decode(type, bytes);
    refuseCardNumbers(message);
    const faults = check(type, message);
    if (faults.length === 0) return;
    throw invalid(faults.map(({ path, reason, description }) => ({ field: pathToString(path), reason, description })));
  };
}

function decode(type: DescMessage, bytes: Uint8Array) {
  try {
    return fromBinary(type, bytes, { readUnknownFields: false });
  } catch {
    throw new DomainError('invalid', 'MESSAGE_MALFORMED', `The bytes are not a ${type.typeName}.`);
  }
}

function invalid(fields: FieldViolation[]): DomainError {
  const names = [...new Set(fields.map(({ field }) => field || 'the message'))];
  const named = names.slice(0, NAMED_MAX).join(', ');
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : '';
  return new DomainError('invalid', 'MESSAGE_INVALID', `The request breaks a rule: ${named}${more}.`, { fields });
}
