import type { Filling } from './fill.ts';
import type { Latency, Results } from './measure.ts';
import type { Operation } from './operations.ts';

/** How fast the catalogues were filled, as a Markdown table. */
export function fillingTable(fillings: readonly Filling[]): string {
  const rows = fillings.map(({ products, productsPerSecond, cpuMs }) => {
    const cpu = Object.entries(cpuMs).map(([process, ms]) => `${process} ${ms.toFixed(0)}`);
    return `| ${products.toLocaleString('en')} | ${productsPerSecond} | ${cpu.join(', ')} |`;
  });
  return ['| products | products/s | CPU ms per 1,000 products |', '|---|---|---|', ...rows].join('\n');
}

/** Latencies and how they grow from the smallest catalogue to the largest, as a Markdown table. */
export function latencyTable(sizes: readonly number[], operations: readonly Operation[], results: Results): string {
  const heads = sizes.map((size) => `${size.toLocaleString('en')}: p50, p99 ms`);
  const rows = operations.map(({ name, growthMax }) => {
    const latencies = results.get(name) ?? [];
    const bar = growthMax === undefined ? '' : ` (bar ${growthMax})`;
    return `| ${name} | ${latencies.map(cell).join(' | ')} | ${growth(latencies)}${bar} |`;
  });
  const line = ['operation', ...heads, 'growth of p50'];
  return [`| ${line.join(' | ')} |`, `|${line.map(() => '---').join('|')}|`, ...rows].join('\n');
}

/** By how much the median grows from the first catalogue to the last. */
export function growth(latencies: readonly (Latency | undefined)[]): string {
  const [first, last] = [latencies[0], latencies.at(-1)];
  return first && last ? `× ${(last.p50Ms / first.p50Ms).toFixed(2)}` : '';
}

function cell(latency: Latency | undefined): string {
  return latency ? `${latency.p50Ms.toFixed(2)}, ${latency.p99Ms.toFixed(2)}` : '';
}
