import type { DescMessage, FileRegistry, Message } from '@bufbuild/protobuf';
import type { Path } from '@bufbuild/protobuf/reflect';
import { createValidator, RuntimeError, type Violation } from '@bufbuild/protovalidate';
import { firstValues } from '../lib/first-values.ts';
import { FAULTS_MAX } from './rule-text.ts';
import { type RuleWords, ruleWords } from './rule-words.ts';
import { createTimeCheck } from './time-rules.ts';
import { withoutTimeRules } from './without-times.ts';

/** Of how many elements and entries of a message that breaks a rule every fault is looked for. */
const ITEMS_LOOKED_AT = 300;

/** A rule that a message breaks, and where. */
export interface RuleFault extends RuleWords {
  /** Empty for the message as a whole. */
  readonly path: Path;
}

/** Finds the rules that a message breaks: none, or at least the first, and at most FAULTS_MAX. */
export type RuleCheck = (type: DescMessage, message: Message) => RuleFault[];

/** Rules take half a second to compile: whoever checks messages of one registry shares what was compiled. */
const checks = new WeakMap<FileRegistry, RuleCheck>();

/**
 * The check of a registry's messages by their `buf.validate` rules. The library collects all that is wrong or stops at the first; this
 * stops at the first of a message that is large, and looks for the others in its first elements only.
 * @param registry of the messages.
 * @returns a check that throws the library's CompilationError for rules that no message can help.
 */
export function ruleCheckOf(registry: FileRegistry): RuleCheck {
  const check = checks.get(registry) ?? createRuleCheck(registry);
  checks.set(registry, check);
  return check;
}

function createRuleCheck(registry: FileRegistry): RuleCheck {
  const others = withoutTimeRules(registry);
  const toFirst = createValidator({ registry: others, failFast: true });
  const toLast = createValidator({ registry: others });
  const checkTimes = createTimeCheck(registry);
  const checkOthers: RuleCheck = (type, message) => {
    const result = toFirst.validate(type, message);
    if (result.kind === 'valid') return [];
    if (result.kind === 'error') return [notEvaluable(result.error)];
    const part = firstValues(type, message, ITEMS_LOOKED_AT);
    const all = toLast.validate(type, part.message);
    const found = (all.violations ?? []).filter(({ field }) => !part.cut.some((place) => isAround(field, place)));
    return distinct([...result.violations, ...found])
      .slice(0, FAULTS_MAX)
      .map(toFault);
  };
  return (type, message) => {
    const known = others.getMessage(type.typeName) ?? type;
    return [...checkOthers(known, message), ...checkTimes(type, message)].slice(0, FAULTS_MAX);
  };
}

/** Whether a path leads to a place or to what it is in, so that a cut there may be what is wrong. */
function isAround(path: Path, place: readonly string[]): boolean {
  return path.length <= place.length && path.every((step, index) => nameOf(step) === place[index]);
}

function nameOf(step: Path[number]): string {
  if (step.kind === 'list_sub') return String(step.index);
  if (step.kind === 'map_sub') return String(step.key);
  return step.kind === 'field' ? step.name : '';
}

/** The first violation is found a second time, unless it is of a cut list. */
function distinct([first, ...others]: readonly Violation[]): Violation[] {
  if (!first) return [];
  return [first, ...others.filter((other) => other.toString() !== first.toString())];
}

function toFault(violation: Violation): RuleFault {
  return { path: violation.field, ...ruleWords(violation) };
}

/**
 * A rule that cannot be evaluated with the message's values, as a sum beyond 64 bits. The library does not say which.
 * @throws the error when rules do not compile.
 */
function notEvaluable(error: Error): RuleFault {
  if (!(error instanceof RuntimeError)) throw error;
  return { path: [], reason: 'RULE_NOT_EVALUABLE', description: 'has values that a rule cannot be evaluated with' };
}
