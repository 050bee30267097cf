import assert from 'node:assert/strict';

/** A step of a plan, as EXPLAIN FORMAT=TREE writes it, with those that it takes its rows from. */
interface Step {
  readonly text: string;
  readonly inputs: readonly Step[];
}

/** What a plan may do besides. */
export interface Allowance {
  /** How many rows a page has at the most. */
  readonly pageMax: number;
}

const LIMIT = /^Limit: (\d+) row/;
const SORT = /^Sort(?: row IDs)?: |temporary table|using temporary|deduplicat/i;
const SCAN = /^(?:Table scan|(?:Covering index|Index) scan) on /;
/** These give one row at the most, to each that asks. */
const SINGLE =
  /^(?:Materialize CTE .*query plan printed elsewhere|Rows fetched before execution|Zero rows|Constant row|Single-row )/;

/**
 * That a plan reaches every table by an index, walks none from end to end, and sorts or keeps in temporary tables no more than
 * a page that was cut out before.
 * @param plan as EXPLAIN FORMAT=TREE writes it.
 * @throws AssertionError with the plan.
 */
export function assertWalksIndexes(plan: string, allowed: Allowance): void {
  const steps = parse(plan);
  assert.ok(steps.length > 0, plan);
  for (const step of steps) check(step, false, allowed, plan);
}

/** @param ends whether nobody asks for more rows from here on than a limit above. */
function check(step: Step, ends: boolean, allowed: Allowance, plan: string): void {
  const sorts = SORT.test(step.text);
  if (sorts) assert.ok(isOfPage(step, allowed), `sorts more than a page: ${step.text}\n${plan}`);
  // What has inputs scans what these have put together; of what has none only an index, in its order, may be walked as far as a limit.
  if (SCAN.test(step.text) && step.inputs.length === 0) {
    assert.ok(ends && !step.text.startsWith('Table'), `scans a table: ${step.text}\n${plan}`);
  }
  const goesOn = ends && !sorts && !/^(?:Filter|Aggregate|Group)/.test(step.text);
  for (const input of step.inputs) check(input, goesOn || LIMIT.test(step.text), allowed, plan);
}

/** Whether all that a step takes in is at most a page: whatever more there is was cut off below it. */
function isOfPage({ inputs }: Step, allowed: Allowance): boolean {
  return inputs.every((input) => {
    if (Number(LIMIT.exec(input.text)?.[1]) <= allowed.pageMax || SINGLE.test(input.text)) return true;
    return input.inputs.length > 0 && isOfPage(input, allowed);
  });
}

/** Reads the tree from its indentation. */
function parse(plan: string): Step[] {
  const lines = plan.split('\n').filter((line) => line.trimStart().startsWith('-> '));
  const depthOf = (line: string | undefined) => line?.indexOf('-> ') ?? -1;
  const stepsAt = (start: number, depth: number): Step[] => {
    const steps: Step[] = [];
    for (let at = start; depthOf(lines[at]) >= depth; at += 1) {
      if (depthOf(lines[at]) > depth) continue;
      const inner = depthOf(lines[at + 1]);
      steps.push({ text: lines[at]?.trim().slice(3) ?? '', inputs: inner > depth ? stepsAt(at + 1, inner) : [] });
    }
    return steps;
  };
  return stepsAt(0, depthOf(lines[0]));
}
