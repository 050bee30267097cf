import { type DescEnum, type DescField, getOption, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import type { Violation } from '@bufbuild/protovalidate';
import { FieldRulesSchema, field as fieldRules } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import { patternWords } from './pattern-words.ts';
import { plainWords } from './plain-words.ts';
import { counted, tooLongText, tooManyItems } from './rule-text.ts';

/** A rule that a message breaks: its stable reason in UPPER_SNAKE, and what is asked for in words. */
export interface RuleWords {
  readonly reason: string;
  readonly description: string;
}

type Say = (value: unknown, field: DescField) => string;

/** What rules ask for whose own words are a program's. By the end of the rule's id, or by its whole. */
const WORDS: Readonly<Record<string, Say>> = {
  required: () => 'is required',
  'string.len': (value) => `must have ${counted(value as bigint, 'character')}`,
  'string.min_len': (value) => `must have at least ${counted(value as bigint, 'character')}`,
  'string.max_len': (value) => tooLongText(value as bigint, 'character'),
  'string.len_bytes': (value) => `must have ${counted(value as bigint, 'byte')}`,
  'string.min_bytes': (value) => `must have at least ${counted(value as bigint, 'byte')}`,
  'string.max_bytes': (value) => tooLongText(value as bigint, 'byte'),
  'string.pattern': (value, { name }) => `must ${patternWords(String(value), name)}`,
  'string.prefix': (value) => `must start with ${value}`,
  'string.suffix': (value) => `must end with ${value}`,
  'string.contains': (value) => `must contain ${value}`,
  'string.not_contains': (value) => `must not contain ${value}`,
  'string.in': (value) => `must be ${oneOf(value as string[])}`,
  'string.not_in': (value) => `must not be ${oneOf(value as string[])}`,
  'string.const': (value) => `must be ${value}`,
  'bytes.min_len': (value) => `must have at least ${counted(value as bigint, 'byte')}`,
  'bytes.max_len': (value) => tooLongText(value as bigint, 'byte'),
  'repeated.min_items': (value) => `must have at least ${counted(value as bigint, 'item')}`,
  'repeated.max_items': (value) => tooManyItems(Number(value)),
  'repeated.unique': () => 'must not have the same item twice',
  'map.min_pairs': (value) => `must have at least ${counted(value as bigint, 'item')}`,
  'map.max_pairs': (value) => tooManyItems(Number(value)),
  'enum.defined_only': (_, field) => `must be ${oneOf(namesOf(field.enum))}`,
  'enum.in': (value, field) => `must be ${oneOf(namesOf(field.enum, value as number[]))}`,
  'enum.not_in': (value, field) => `must be ${oneOf(namesWithout(field.enum, value as number[]))}`,
  'enum.const': (value, field) => `must be ${oneOf(namesOf(field.enum, [value as number]))}`,
};

/** The reasons of rules that break where JSON has no such value: an enum's value is unknown whichever rule says so. */
const REASONS: Readonly<Record<string, string>> = {
  'enum.defined_only': 'ENUM_VALUE_UNKNOWN',
};

/** What a violation is called, the same by every process. Texts of the contract's own rules stay as they are. */
export function ruleWords({ ruleId, message, rule, field: path }: Violation): RuleWords {
  const reason = REASONS[ruleId] ?? ruleId.replace(/[^a-zA-Z0-9]+/g, '_').toUpperCase();
  const last = path.at(-1);
  if (last?.kind === 'oneof')
    return { reason, description: `needs ${oneOf(last.fields.map(({ jsonName }) => jsonName))}` };
  const field = path.findLast((step) => step.kind === 'field');
  const say = WORDS[ruleId];
  if (!say || !field) return { reason, description: isStandard(rule) ? plainWords(ruleId, message) : message };
  return { reason, description: say(ruleValue(field, rule), field) };
}

/** Values of an enum by name, as JSON has them. */
export function namesOf(desc: DescEnum | undefined, numbers?: readonly number[]): string[] {
  const values = desc?.values ?? [];
  const allowed = numbers ? values.filter(({ number }) => numbers.includes(number)) : values.filter(isSaid);
  return allowed.map(({ name }) => name);
}

/** What a client may choose: an `_UNSPECIFIED` stands for what was left out. */
function isSaid({ name, number }: { readonly name: string; readonly number: number }): boolean {
  return number !== 0 || !name.endsWith('_UNSPECIFIED');
}

function namesWithout(desc: DescEnum | undefined, numbers: readonly number[]): string[] {
  return (desc?.values ?? []).filter(({ number }) => !numbers.includes(number)).map(({ name }) => name);
}

/** `A`, or `one of A, B`. */
export function oneOf(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `one of ${names.join(', ')}`;
}

/** The value of the rule that a path leads to, in the rules of a field. */
function ruleValue(field: DescField, rule: Violation['rule']): unknown {
  let value: unknown = getOption(field, fieldRules);
  let type = FieldRulesSchema as Parameters<typeof reflect>[0];
  for (const step of rule) {
    if (step.kind !== 'field') return undefined;
    const held = reflect(type, value as Message).get(step);
    if (step.fieldKind === 'list') return [...(held as Iterable<unknown>)];
    if (step.fieldKind !== 'message') return held;
    value = (held as { readonly message: Message }).message;
    type = step.message;
  }
  return undefined;
}

/** Whether a rule is the library's own: those of the contract have a text of their own, which stays as it is. */
function isStandard(rule: Violation['rule']): boolean {
  const [first] = rule;
  return first?.kind === 'field' && first.name !== 'cel' && first.name !== 'cel_expression';
}
