import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { FieldViolation } from '../lib/errors.ts';
import { boundsOf, type FieldBounds } from '../validation/rule-bounds.ts';
import { counted, FAULTS_MAX, tooLongText, tooManyItems } from '../validation/rule-text.ts';

/** The most values that a message may have, counting every field, element and entry, however deep. */
export const MESSAGE_VALUES_MAX = 100_000;
/** The most elements of a list that no rule bounds. */
const ITEMS_MAX = 10_000;
/** How many more values are looked at once something is too long. */
const VALUES_AFTER_FAULT = 10_000;
/** The depth at which the decoder refuses a message by itself. */
const DEPTH_MAX = 100;
/** The most bytes that a character has in UTF-8. */
const CHARACTER_BYTES_MAX = 4;

/** The scalars that are no varints. */
const FIXED_BYTES: ReadonlyMap<ScalarType | undefined, number> = new Map([
  [ScalarType.FIXED32, 4],
  [ScalarType.SFIXED32, 4],
  [ScalarType.FLOAT, 4],
  [ScalarType.FIXED64, 8],
  [ScalarType.SFIXED64, 8],
  [ScalarType.DOUBLE, 8],
]);

interface Entry {
  readonly field: DescField;
  readonly bounds: FieldBounds;
}

interface Scan {
  readonly bytes: Uint8Array;
  readonly reader: BinaryReader;
  valuesLeft: number;
  readonly found: Map<string, FieldViolation>;
}

/** A message inside of the one that is scanned. */
interface Place {
  readonly type: DescMessage;
  readonly path: string;
  readonly end: number;
  readonly depth: number;
  /** Whether its rules hold. */
  readonly isRuled: boolean;
  /** How many elements or entries of each list or map there were so far. */
  readonly counts: Map<DescField, number>;
}

class TooManyValues extends Error {}

/**
 * Finds the lists, maps and texts of a message that are longer than their rules allow, on the wire, before anything is decoded:
 * one look at each tag, and none into what is too long already.
 * @returns each with the reason of its rule, or MESSAGE_TOO_LARGE for a message of more than MESSAGE_VALUES_MAX values.
 *   Bytes that are no message are left for the decoder to refuse.
 */
export function oversizedFields(type: DescMessage, bytes: Uint8Array): FieldViolation[] {
  const scan: Scan = { bytes, reader: new BinaryReader(bytes), valuesLeft: MESSAGE_VALUES_MAX, found: new Map() };
  const whole = { type, path: '', end: bytes.length, depth: 0, isRuled: true, counts: new Map<DescField, number>() };
  try {
    scanMessage(scan, whole);
  } catch (error) {
    if (error instanceof TooManyValues && scan.found.size === 0) return [tooManyValues()];
  }
  return [...scan.found.values()];
}

function tooManyValues(): FieldViolation {
  const description = `must have at most ${counted(MESSAGE_VALUES_MAX, 'value')} in all`;
  return { field: '', reason: 'MESSAGE_TOO_LARGE', description };
}

const compiled = new WeakMap<DescMessage, ReadonlyMap<number, Entry>>();

function entriesOf(type: DescMessage): ReadonlyMap<number, Entry> {
  const before = compiled.get(type);
  if (before) return before;
  const entries = new Map(type.fields.map((field) => [field.number, { field, bounds: boundsOf(field) }]));
  compiled.set(type, entries);
  return entries;
}

function scanMessage(scan: Scan, place: Place): void {
  const { reader } = scan;
  const entries = entriesOf(place.type);
  while (reader.pos < place.end) {
    const [number, wireType] = reader.tag();
    take(scan, 1);
    const entry = entries.get(number);
    if (wireType === WireType.LengthDelimited) {
      const length = reader.uint32();
      const end = reader.pos + length;
      if (end > place.end) throw new RangeError('a length beyond the end');
      if (entry) scanDelimited(scan, entry, place, end);
      reader.pos = end;
    } else {
      // The decoder passes over groups; what is in one costs as much as any other field.
      if (wireType !== WireType.StartGroup && wireType !== WireType.EndGroup) reader.skip(wireType);
      if (entry) countItems(scan, entry, place, 1);
    }
  }
}

/** Looks at a text, a message, an entry of a map, or packed numbers. The reader stands at its start. */
function scanDelimited(scan: Scan, entry: Entry, place: Place, end: number): void {
  const { field, bounds } = entry;
  const { reader } = scan;
  const isPacked = field.fieldKind === 'list' && field.packed;
  const items = isPacked ? packedItems(field, scan.bytes, reader.pos, end) : 1;
  if (isPacked) take(scan, items);
  const index = countItems(scan, entry, place, items);
  if (index === undefined || isPacked) return;
  const step = field.fieldKind === 'list' ? `${field.name}[${index}]` : field.name;
  const path = place.path === '' ? step : `${place.path}.${step}`;
  if (place.isRuled && field.fieldKind !== 'map') checkText(scan, bounds, path, end - reader.pos);
  if (!field.message || place.depth >= DEPTH_MAX) return;
  const isRuled = place.isRuled && !bounds.isIgnored;
  const inner = { end, depth: place.depth + 1, isRuled, counts: new Map<DescField, number>() };
  if (field.fieldKind === 'map') scanMapEntry(scan, field.message, { ...place, ...inner, path });
  else scanMessage(scan, { ...inner, type: field.message, path });
}

/** Looks into the value of an entry, whose key is not part of the path: nobody could tell two entries of a client apart by it. */
function scanMapEntry(scan: Scan, type: DescMessage, place: Place): void {
  const { reader } = scan;
  while (reader.pos < place.end) {
    const [number, wireType] = reader.tag();
    take(scan, 1);
    if (number !== 2 || wireType !== WireType.LengthDelimited) {
      reader.skip(wireType, number);
      continue;
    }
    const end = reader.uint32() + reader.pos;
    if (end > place.end) throw new RangeError('a length beyond the end');
    scanMessage(scan, { ...place, type, end });
    reader.pos = end;
  }
}

/** @returns the index of the element, or undefined where there are too many. A field that is no list or map has the index 0. */
function countItems(scan: Scan, { field, bounds }: Entry, place: Place, items: number): number | undefined {
  if (field.fieldKind !== 'list' && field.fieldKind !== 'map') return 0;
  const index = place.counts.get(field) ?? 0;
  place.counts.set(field, index + items);
  const max = (place.isRuled ? bounds.itemsMax : undefined) ?? ITEMS_MAX;
  if (index + items <= max) return index;
  const path = place.path === '' ? field.name : `${place.path}.${field.name}`;
  note(scan, path, bounds.itemsReason, tooManyItems(max));
  return undefined;
}

function checkText(scan: Scan, { textMax }: FieldBounds, path: string, bytes: number): void {
  if (!textMax) return;
  const { max, unit, reason } = textMax;
  if (bytes > (unit === 'byte' ? max : max * CHARACTER_BYTES_MAX)) note(scan, path, reason, tooLongText(max, unit));
}

function note(scan: Scan, field: string, reason: string, description: string): void {
  scan.found.set(field, { field, reason, description });
  if (scan.found.size >= FAULTS_MAX) scan.valuesLeft = 0;
  else if (scan.found.size === 1) scan.valuesLeft = Math.min(scan.valuesLeft, VALUES_AFTER_FAULT);
}

function take(scan: Scan, values: number): void {
  scan.valuesLeft -= values;
  if (scan.valuesLeft < 0) throw new TooManyValues();
}

/** How many numbers are packed. A varint ends with the only byte of it that is below 0x80. */
function packedItems({ scalar }: DescField, bytes: Uint8Array, from: number, to: number): number {
  const size = FIXED_BYTES.get(scalar);
  if (size !== undefined) return Math.ceil((to - from) / size);
  let items = 0;
  for (let at = from; at < to; at += 1) if ((bytes[at] as number) < 0x80) items += 1;
  return items;
}
