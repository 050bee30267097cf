import { measureMemory } from './memory.ts';
import { startFixture, stopFixture } from './translation.ts';

const fixture = await startFixture();
try {
  const plan = {
    requests: Number(process.env.BENCH_REQUESTS ?? 1_000_000),
    settledAfter: Number(process.env.BENCH_SETTLED_AFTER ?? 100_000),
    clients: Number(process.env.BENCH_CLIENTS ?? 32),
  };
  const { settled, end } = await measureMemory(fixture, plan);
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const change = (end / settled - 1) * 100;
  console.log(
    `the gateway's heap: ${mib(settled)} MiB after ${plan.settledAfter} requests, ${mib(end)} MiB after ${plan.requests}`,
  );
  console.log(`change: ${change.toFixed(1)} % (bar: 10 % either way)`);
} finally {
  stopFixture(fixture);
}
