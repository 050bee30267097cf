import assert from 'node:assert/strict';
import { type RetentionPlan, type SweepDatabase, sweep, sweepStatements } from '../../src/mysql/retention.ts';
import { retentionFaults, retentionRows } from '../../src/testing/retention.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-12-01T00:00:00Z');
const clock = { now: () => NOW };
const TEXTS = { kept: '1 day', personal: 'nothing' };

const PLAN: RetentionPlan = {
  logs: { ...TEXTS, sweeps: [{ since: 'create_time', keptMs: DAY_MS, where: "state = 'ended'" }] },
  parents: {
    ...TEXTS,
    sweeps: [
      {
        ...{ since: 'expire_time', keptMs: 0 },
        parent: { key: 'parent_id', children: [{ table: 'children', column: 'parent_id' }] },
      },
    ],
  },
  notes: { ...TEXTS, sweeps: [{ since: 'note_id', by: 'uuid7', keptMs: DAY_MS, clear: "text = ''" }] },
};

/** A database that answers each statement with the next of the numbers for its verb and table. */
function scripted(answers: Record<string, (number | Buffer[] | Error)[]>) {
  const statements: string[] = [];
  const next = (sql: string) => {
    statements.push(sql);
    const [, table = ''] = /(?:FROM|UPDATE) (\w+)/.exec(sql) ?? [];
    const answer = answers[`${sql.split(' ')[0]} ${table}`]?.shift() ?? (sql.startsWith('SELECT') ? [] : 0);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const database: SweepDatabase = {
    read: async (sql) => next(sql) as Buffer[],
    change: async (sql) => next(sql) as number,
  };
  return { database, statements, options: { database, clock, rowsMax: 3, pauseMs: 0 } };
}

describe('sweep', () => {
  it('runs small statements until one finds less than it may change', async () => {
    const { statements, options } = scripted({ 'DELETE logs': [3, 3, 2] });
    await sweep({ logs: PLAN.logs ?? TEXTS }, options);
    const sql = "DELETE FROM logs WHERE create_time < ? AND (state = 'ended') ORDER BY create_time LIMIT 3";
    assert.deepEqual(statements, [sql, sql, sql]);
  });

  it('deletes the children of a row in batches before the row', async () => {
    const keys = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
    const { statements, options } = scripted({ 'SELECT parents': [keys], 'DELETE children': [3, 3, 1] });
    await sweep({ parents: PLAN.parents ?? TEXTS }, options);
    assert.deepEqual(
      statements.map((sql) => sql.replaceAll(/ WHERE.*LIMIT/g, ' …')),
      [
        'SELECT parent_id FROM parents … 50',
        ...Array.from({ length: 3 }, () => 'DELETE FROM children … 3'),
        'DELETE FROM parents WHERE parent_id IN (?, ?)',
      ],
    );
  });

  it('leaves a parent whose children it was stopped at', async () => {
    const stopping = new AbortController();
    const { database, statements, options } = scripted({ 'SELECT parents': [[Buffer.alloc(16)]] });
    const change = async (sql: string) => {
      stopping.abort();
      return database.change(sql, []);
    };
    const stopped = { ...options, database: { ...database, change }, signal: stopping.signal };
    await sweep({ parents: PLAN.parents ?? TEXTS }, stopped);
    assert.equal(statements.length, 2);
    assert.match(statements[1] ?? '', /^DELETE FROM children/);
  });

  it('sweeps every other table when one fails, and says so', async () => {
    const failure = new Error('no such column');
    const { statements, options } = scripted({ 'DELETE logs': [failure] });
    await assert.rejects(sweep(PLAN, options), failure);
    assert.match(statements.at(-1) ?? '', /^UPDATE notes SET text = '' WHERE note_id < \? ORDER BY note_id LIMIT 3$/);
  });

  it('says all its statements with what they take', () => {
    const statements = sweepStatements(PLAN, NOW);
    assert.deepEqual(
      statements.map(({ table }) => table),
      ['logs', 'parents', 'children', 'notes'],
    );
    const dayBefore = new Date(NOW.getTime() - DAY_MS);
    assert.deepEqual(statements[0]?.values, [dayBefore]);
    const hex = dayBefore.getTime().toString(16).padStart(12, '0').padEnd(32, '0');
    assert.deepEqual(statements[3]?.values, [Buffer.from(hex, 'hex')]);
  });
});

describe('retentionFaults', () => {
  const tables = ['logs', 'parents', 'notes'];
  const readme = retentionRows(PLAN).join('\n').replaceAll('| 1 day |', '| 1 day   |');

  it('finds none in a plan that the README says', () => {
    assert.deepEqual(retentionFaults(PLAN, tables, readme), []);
  });

  it('finds a table without a retention, a plan without a table, and a README that says something else', () => {
    const faults = retentionFaults(
      PLAN,
      ['logs', 'parents', 'letters'],
      readme.replace('| `logs` | 1 day', '| `logs` | 2 days'),
    );
    assert.deepEqual(faults, [
      'letters has no retention',
      'notes is no table',
      'the README lacks: | `logs` | 1 day | nothing |',
    ]);
  });
});
