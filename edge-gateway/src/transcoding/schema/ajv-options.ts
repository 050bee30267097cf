import { RE2JS } from '@bufbuild/re2';
import { FORMATS } from './formats.ts';
import { INFORMATIVE_FORMATS } from './rules.ts';

/** How Fastify compiles the derived schemas with Ajv: every fault is found, nothing is coerced, defaulted or removed. */
export const AJV = {
  customOptions: {
    allErrors: true,
    verbose: true,
    coerceTypes: false,
    useDefaults: false,
    removeAdditional: false,
    strictTypes: false,
    keywords: ['x-enum'],
    code: { regExp: linearRegExp(), process: gatherInPlace },
  },
  onCreate: addFormats,
} as const;

interface Formats {
  addFormat(name: string, format: true | ((text: string) => boolean)): unknown;
}

/** Replaces the formats that Fastify brings, which mean other things by the same names. */
function addFormats(ajv: Formats): void {
  for (const name of INFORMATIVE_FORMATS) ajv.addFormat(name, true);
  for (const [name, { accepts }] of Object.entries(FORMATS)) ajv.addFormat(name, accepts ?? true);
}

/**
 * Ajv copies all errors found so far for each message in a list, which takes minutes for a list of a megabyte. This makes
 * the compiled validators add to what they have.
 */
function gatherInPlace(code: string): string {
  return code.replace(/vErrors\.concat\((\w+\.errors)\)/g, '($1.forEach((each) => vErrors.push(each)), vErrors)');
}

/** Patterns are RE2's, matched in linear time, as protovalidate matches them. */
function linearRegExp() {
  const engine = (pattern: string) => RE2JS.compile(pattern);
  return Object.assign(engine, { code: 'linearRegExp' });
}
