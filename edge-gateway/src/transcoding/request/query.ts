import type { JsonObject } from '@bufbuild/protobuf';
import { FAULTS_MAX, malformedRequest } from '../faults.ts';
import { jsonPathOf, resolveFieldPath } from '../json/field-path.ts';
import type { JsonWalk } from '../json/json-walk.ts';
import type { Binding } from '../routing/binding.ts';
import { addText, type TextField, textField } from './text-field.ts';

/** The maximum length of a parameter's name in a fault. */
const NAME_SHOWN = 100;

/**
 * Splits a query (`application/x-www-form-urlencoded`) into its parameters.
 * @throws TranscodingError `QUERY_MALFORMED` when it is not UTF-8 in percent-encoding.
 */
export function parseQuery(query: string): [string, string][] {
  if (query === '') return [];
  return query.split('&').filter(Boolean).map(parseParameter);
}

function parseParameter(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  const name = equals < 0 ? pair : pair.slice(0, equals);
  try {
    return [decode(name), equals < 0 ? '' : decode(pair.slice(equals + 1))];
  } catch {
    throw malformedRequest('QUERY_MALFORMED', 'The query is not UTF-8 in percent-encoding.', name.slice(0, NAME_SHOWN));
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

/** Reads query parameters into the request's JSON. Parameters that cannot be are noted in the walk. */
export type ReadQuery = (parameters: readonly [string, string][], request: JsonObject, walk: JsonWalk) => void;

/** Compiles the reading of a binding's query, which sets the fields that neither the path nor the body sets. */
export function compileQuery({ rpc, body, pathFields }: Binding): ReadQuery {
  const taken = new Set(pathFields.map(jsonPathOf));
  const known = new Map<string, TextField>();
  const targetOf = (name: string): TextField | undefined => {
    const remembered = known.get(name);
    if (remembered || body === 'message') return remembered;
    const path = resolveFieldPath(rpc.method.input, name);
    if (!path || path[0] === body || taken.has(jsonPathOf(path))) return undefined;
    const target = textField(path);
    // Only names of real fields are remembered, so that strangers' names cannot fill the memory.
    if (target) known.set(name, target);
    return target;
  };
  return (parameters, request, walk) => {
    for (const [name, text] of parameters) {
      const target = targetOf(name);
      if (target) addText(request, target, text, walk);
      else if (walk.strangers.length < FAULTS_MAX)
        walk.strangers.push({
          field: name,
          reason: 'FIELD_UNKNOWN',
          message: 'is not a query parameter of this method',
        });
    }
  };
}
