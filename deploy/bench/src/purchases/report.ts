import { median } from '../statistics.ts';
import type { Cost } from './cost.ts';
import type { SqlCount } from './counters.ts';
import type { Burst } from './measure.ts';

type Rounds = ReadonlyMap<string, readonly Burst[]>;

/** Markdown of the medians of each scenario's rounds: how fast, what of SQL, and whose CPU. */
export function report(rounds: Rounds): string {
  return [speed(rounds), sql(rounds), cpu(rounds), ...others(rounds)].join('\n\n');
}

function speed(rounds: Rounds): string {
  const rows = [...rounds].map(([name, bursts]) => {
    const of = (key: 'perSecond' | 'p50Ms' | 'p99Ms' | 'coresBusy', digits: number) =>
      median(bursts.map((burst) => burst[key])).toFixed(digits);
    return [name, of('perSecond', 1), of('p50Ms', 1), of('p99Ms', 1), of('coresBusy', 2)];
  });
  return table(['purchases from', 'purchases/s', 'p50 ms', 'p99 ms', 'cores busy'], rows);
}

/** Of each service's MySQL, for each purchase. */
function sql(rounds: Rounds): string {
  const keys = ['statements', 'commits', 'rollbacks', 'logFsyncs', 'rowLockMs'] as const;
  const rows = [...rounds].flatMap(([name, bursts]) => {
    const services = Object.keys(bursts[0]?.cost.sql ?? {});
    const of = (service: string, key: keyof SqlCount) =>
      median(bursts.map(({ cost }) => cost.sql[service]?.[key] ?? 0));
    return services.map((service) => [name, service, ...keys.map((key) => of(service, key).toFixed(1))]);
  });
  const heads = [
    'purchases from',
    'MySQL of',
    'statements',
    'commits',
    'rollbacks',
    'log fsyncs',
    'waiting for rows, ms',
  ];
  return table(heads, rows);
}

function cpu(rounds: Rounds): string {
  const names = Object.keys([...rounds.values()][0]?.[0]?.cost.cpuUs ?? {});
  const of = (bursts: readonly Burst[], name: string) => median(bursts.map(({ cost }) => cost.cpuUs[name] ?? 0)) / 1e3;
  const rows = names.map((name) => [name, ...[...rounds.values()].map((bursts) => of(bursts, name).toFixed(2))]);
  const total = [...rounds.values()].map((bursts) => names.reduce((sum, name) => sum + of(bursts, name), 0).toFixed(2));
  return table(['CPU ms per purchase', ...rounds.keys()], [...rows, ['all', ...total]]);
}

function others(rounds: Rounds): string[] {
  return [...rounds].flatMap(([name, bursts]) =>
    bursts.flatMap((burst) => [...burst.others].map(([what, count]) => `${name}: ${count} answered ${what}`)),
  );
}

/** What the mesh does while nobody uses it. */
export function restReport({ sql: counts, cpuUs }: Cost): string {
  const statements = Object.entries(counts).map(([name, count]) => `${name} ${(count.statements * 1e3).toFixed(1)}`);
  const busy = Object.values(cpuUs).reduce((sum, us) => sum + us, 0) / 1e3;
  return `At rest, statements a second: ${statements.join(', ')}; cores busy: ${busy.toFixed(2)}. That is left out below.`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}
