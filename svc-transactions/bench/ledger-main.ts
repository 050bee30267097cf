import { cpuUsage } from 'node:process';
import { RequestContext } from '@mikro-orm/core';
import { typeid } from 'typeid-js';
import { readJobConfig } from '../src/config.ts';
import { createLedger } from '../src/data/ledger/ledger.repository.ts';
import { createVerifyLedger } from '../src/data/ledger/verify/verify.ts';
import { openOrm } from '../src/data/orm.ts';
import { createTransact } from '../src/data/transact.ts';
import { derivedId } from '../src/domain/ids.ts';
import { type Account, PURPOSES } from '../src/domain/ledger/account.ts';
import { type Counters, perPiece, readCounters } from './counters.ts';
import { load, type Outcome } from './load.ts';

/**
 * Transfers of the ledger alone: a transaction each, in the database of `DATABASE_URL`, which has to be migrated. Each moves
 * a cent from an account that few or all of them share to one of a thousand others.
 */
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const DURATION_MS = Number(process.env.BENCH_DURATION_MS ?? 3_000);
const CLIENTS = (process.env.BENCH_CLIENTS ?? '1,16').split(',').map(Number);
const OTHERS = Array.from({ length: 1_000 }, () => customer());
/** Not a payment's id: those are compared with what the ledger says of them. */
const REFERENCE = typeid('run').toString();
const HOT_CLEARING: Account = { owner: REFERENCE, purpose: 'provider-clearing', currencyCode: 'EUR' };
const HOT_CUSTOMER = customer();

const SOURCES: Readonly<Record<string, () => Account>> = {
  'none: one of a thousand accounts': other,
  [`one account of ${PURPOSES['provider-clearing'].shards} rows`]: () => HOT_CLEARING,
  [`one account of ${PURPOSES['customer-receivable'].shards} row`]: () => HOT_CUSTOMER,
};

const orm = openOrm(readJobConfig(process.env).DATABASE_URL);
const ledger = createLedger(orm, { now: () => new Date() });
const transact = createTransact(orm);
try {
  for (const source of Object.values(SOURCES)) await load(() => transfer(source()), 16, 300);
  console.log(`### Ledger transfers alone; medians of ${ROUNDS} interleaved rounds of ${DURATION_MS} ms\n`);
  console.log(
    '| in every transfer | clients | transfers/s | p50 ms | p99 ms | statements | commits | log fsyncs | waiting for rows, ms | CPU here, µs |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const clients of CLIENTS) await measureAll(clients);
  const { faults, transferCount } = await RequestContext.create(orm.em, () => createVerifyLedger(orm, undefined)());
  console.log(`\nVerifyLedger over ${transferCount} transfers: ${faults.length} faults\n`);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  await orm.close();
}

type Round = Outcome & Counters & { readonly perSecond: number; readonly cpuUs: number };

async function measureAll(clients: number): Promise<void> {
  const rounds = new Map<string, Round[]>(Object.keys(SOURCES).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, source] of Object.entries(SOURCES)) rounds.get(name)?.push(await measure(source, clients));
  }
  for (const [name, all] of rounds) {
    const of = (key: keyof Round, digits: number) => median(all.map((round) => round[key])).toFixed(digits);
    const times = [of('perSecond', 0), of('p50Ms', 2), of('p99Ms', 2)];
    const sql = [of('Questions', 2), of('Com_commit', 2), of('Innodb_os_log_fsyncs', 2), of('Innodb_row_lock_time', 2)];
    console.log(`| ${[name, clients, ...times, ...sql, of('cpuUs', 0)].join(' | ')} |`);
  }
}

async function measure(source: () => Account, clients: number): Promise<Round> {
  const before = await readCounters(orm);
  const cpuBefore = cpuUsage();
  const outcome = await load(() => transfer(source()), clients, DURATION_MS);
  const { user, system } = cpuUsage(cpuBefore);
  const counters = perPiece(before, await readCounters(orm), outcome.count);
  return {
    ...outcome,
    ...counters,
    perSecond: outcome.count / outcome.seconds,
    cpuUs: (user + system) / outcome.count,
  };
}

function transfer(from: Account): Promise<void> {
  const to = other();
  const postings = [
    { account: from, amountMinor: -1n },
    { account: to === from ? customer() : to, amountMinor: 1n },
  ];
  const transferId = derivedId('xfer', [typeid('run').toString()]);
  return RequestContext.create(orm.em, () =>
    transact(() => ledger.post({ transferId, kind: 'bench', reference: REFERENCE, postings })),
  );
}

function customer(): Account {
  return { owner: typeid('usr').toString(), purpose: 'customer-receivable', currencyCode: 'EUR' };
}

function other(): Account {
  return OTHERS[Math.floor(Math.random() * OTHERS.length)] as Account;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
