import type { DescMessage } from '@bufbuild/protobuf';
import { FAULTS_MAX, type Fault, type PlacedFault, TranscodingError } from '../faults.ts';
import { explainSchemaErrors, type SchemaError } from '../schema/explain.ts';
import { type BrokenPaths, createBrokenPaths } from './broken-paths.ts';
import { type Codec, messageOf, ruleFaults, unconvertible } from './encode-message.ts';
import { removeBrokenValue } from './remove-broken-value.ts';
import type { AssembledRequest } from './request-assembler.ts';

/**
 * The faults of a request that its JSON Schema refuses, up to FAULTS_MAX. The schema finds what cannot be converted; what remains without it
 * is converted and put to protovalidate, so that a client hears of both at once, and of each rule in protovalidate's words,
 * which are the service's as well.
 */
export function requestFaults(
  codec: Codec,
  type: DescMessage,
  request: AssembledRequest,
  errors: readonly SchemaError[],
): Fault[] {
  const found = explainSchemaErrors(errors, request.json);
  const broken = [...request.faults, ...found.filter(({ structural }) => structural)];
  const rules = broken.length >= FAULTS_MAX ? [] : rulesOfRest(codec, type, request, broken);
  return unique([...broken, ...rules]);
}

/** The rules broken by what is left without the broken places; none when it cannot be converted. */
function rulesOfRest(
  codec: Codec,
  type: DescMessage,
  { json, parts }: AssembledRequest,
  broken: readonly PlacedFault[],
): PlacedFault[] {
  if (broken.some(({ path }) => path.length === 0)) return [];
  const places = createBrokenPaths();
  const rest = structuredClone(json);
  for (const { path } of broken) removeBrokenValue(type, rest, path, places);
  const message = tryMessage(() => messageOf(codec, type, rest, parts));
  if (!message) return broken.length > 0 ? [] : [unconvertible()];
  return ruleFaults(codec, type, message).filter((fault) => !isOfAlteration(fault, places));
}

/** The rules that count what a list or map has, which no broken element or value changes. */
const COUNTING = new Set(['REPEATED_MIN_ITEMS', 'REPEATED_MAX_ITEMS', 'MAP_MAX_PAIRS']);

/** Returns true when a fault may come from an altered value and not from the request. */
function isOfAlteration({ path, reason }: PlacedFault, places: BrokenPaths): boolean {
  const relation = places.relationOf(path);
  return relation === 'within' || (relation === 'around' && !COUNTING.has(reason));
}

function tryMessage<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof TranscodingError) return undefined;
    throw error;
  }
}

function unique(faults: readonly Fault[]): Fault[] {
  const known = new Map(faults.map(({ field, reason, message }) => [`${reason} ${field}`, { field, reason, message }]));
  return [...known.values()];
}
