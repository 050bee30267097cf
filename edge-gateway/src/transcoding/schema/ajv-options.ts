import { RE2JS } from '@bufbuild/re2';
import { FAULTS_MAX } from '../faults.ts';
import { FORMATS } from './formats.ts';
import { INFORMATIVE_FORMATS } from './rules.ts';

/** How Fastify compiles the derived schemas with Ajv: the faults are found up to FAULTS_MAX, nothing is coerced, defaulted or removed. */
export const AJV = {
  customOptions: {
    allErrors: true,
    verbose: true,
    coerceTypes: false,
    useDefaults: false,
    removeAdditional: false,
    strictTypes: false,
    keywords: ['x-enum'],
    code: { regExp: linearRegExp(), process: boundErrors },
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
 * Ajv copies all errors found so far for each message in a list, and looks for all there are. This makes the compiled
 * validators add to what they have, and go on to no other element or member once there are enough.
 */
function boundErrors(code: string): string {
  return code
    .replace(/vErrors\.concat\(([\w.]+\.errors)\)/g, '($1.forEach((each) => vErrors.push(each)), vErrors)')
    .replace(/\bfor ?\((?:const key\d+ in |let i\d+ ?= ?0;)[^{]*\{/g, `$&if(errors>=${FAULTS_MAX})break;`);
}

/** Patterns are RE2's, matched in linear time, as protovalidate matches them. */
function linearRegExp() {
  const engine = (pattern: string) => RE2JS.compile(pattern);
  return Object.assign(engine, { code: 'linearRegExp' });
}
