import type { FileRegistry } from '@bufbuild/protobuf';
import { createValidator, type Validator } from '@bufbuild/protovalidate';

/** A validator compiles the rules of a message when it first meets one: whoever asks for one registry shares it. */
const validators = new WeakMap<FileRegistry, Validator>();

/** The library's validator of a registry's messages. */
export function validatorOf(registry: FileRegistry): Validator {
  const validator = validators.get(registry) ?? createValidator({ registry });
  validators.set(registry, validator);
  return validator;
}
