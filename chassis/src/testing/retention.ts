import type { RetentionPlan } from '../mysql/retention.ts';

/** The heading of the table that a README says the plan in. */
const HEADING = ['table', 'kept', 'about people'];

/**
 * What is wrong with a retention plan: a table of the schema without one, one of a table that is not there, a sentence that is
 * empty, a README that says something else. None when all is well.
 * @param tables the names of all tables of the schema.
 * @param readme the text of the service's README.
 */
export function retentionFaults(plan: RetentionPlan, tables: readonly string[], readme: string): string[] {
  const written = new Set(readme.split('\n').map(cellsOf));
  const planned = Object.entries(plan);
  return [
    ...tables.filter((table) => !Object.hasOwn(plan, table)).map((table) => `${table} has no retention`),
    ...planned.filter(([table]) => !tables.includes(table)).map(([table]) => `${table} is no table`),
    ...planned
      .filter(([, { kept, personal }]) => !kept || !personal)
      .map(([table]) => `${table} has an empty sentence`),
    ...retentionRows(plan)
      .filter((row) => !written.has(cellsOf(row)))
      .map((row) => `the README lacks: ${row}`),
  ];
}

/** A plan as the rows of a table in Markdown. */
export function retentionRows(plan: RetentionPlan): string[] {
  const rows = Object.entries(plan).map(([table, { kept, personal }]) => [`\`${table}\``, kept, personal]);
  return [HEADING, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** A row without what aligns it. */
function cellsOf(line: string): string {
  return line
    .split('|')
    .map((cell) => cell.trim())
    .join('|');
}
