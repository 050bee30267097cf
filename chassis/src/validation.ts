import { type DescMessage, fromBinary } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator, RuntimeError, type Violation } from '@bufbuild/protovalidate';
import type { Contract } from '@malla/proto/contract';
import { refuseCardNumbers } from './card-guard.ts';
import { DomainError, type FieldViolation } from './errors.ts';

/**
 * Checks the bytes of a message against its `buf.validate` rules.
 * @throws DomainError `invalid` (MESSAGE_INVALID) naming every field that breaks a rule, or that the bytes are no message;
 *   (CARD_NUMBER_REFUSED) as `refuseCardNumbers` does.
 */
export type ValidateMessage = (type: DescMessage, bytes: Uint8Array) => void;

/** Makes a validator for the messages of a contract. */
export function createMessageValidator(contract: Contract): ValidateMessage {
  const validator = createValidator({ registry: contract.registry });
  return (type, bytes) => {
    const message = decode(type, bytes);
    refuseCardNumbers(message);
    const result = validator.validate(type, message);
    if (result.kind === 'error') throw notEvaluable(result.error);
    if (result.kind === 'invalid') throw invalid(result.violations.map(toFieldViolation));
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
  const names = fields.map(({ field }) => field || 'the message').join(', ');
  return new DomainError('invalid', 'MESSAGE_INVALID', `The request breaks a rule: ${names}.`, { fields });
}

/** What a rule that cannot be evaluated with a message's values is: the sender's fault, unless no rule compiles. */
function notEvaluable(error: Error): Error {
  if (!(error instanceof RuntimeError)) return error;
  const description = 'has values that a rule cannot be evaluated with';
  return invalid([{ field: '', reason: 'RULE_NOT_EVALUABLE', description }]);
}

function toFieldViolation({ field, ruleId, message }: Violation): FieldViolation {
  const reason = ruleId.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase();
  return { field: pathToString(field), reason, description: message };
}
