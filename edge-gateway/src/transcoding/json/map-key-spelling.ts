import { ScalarType } from '@bufbuild/protobuf';

const OTHER_SPELLING = /^-?0\d{0,400}$/;

/** Returns the function that spells the keys of a map canonically; undefined where a type has only one spelling. */
export function mapKeySpelling(type: ScalarType): ((key: string) => string) | undefined {
  if (type === ScalarType.STRING || type === ScalarType.BOOL) return undefined;
  return (key) => (OTHER_SPELLING.test(key) ? BigInt(key).toString() : key);
}
