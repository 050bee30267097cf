import { ScalarType } from '@bufbuild/protobuf';

const OTHER_SPELLING = /^-?0\d{0,400}$/;

/** How a map's keys of a type are spelled when there are several ways; undefined where there is but one. */
export function mapKeySpelling(type: ScalarType): ((key: string) => string) | undefined {
  if (type === ScalarType.STRING || type === ScalarType.BOOL) return undefined;
  return (key) => (OTHER_SPELLING.test(key) ? BigInt(key).toString() : key);
}
