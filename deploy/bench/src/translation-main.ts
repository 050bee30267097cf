import { machine } from './report.ts';
import { measureTranslation, startFixture, stopFixture } from './translation.ts';

const fixture = await startFixture();
try {
  const plan = {
    rounds: Number(process.env.BENCH_ROUNDS ?? 5),
    durationMs: Number(process.env.BENCH_DURATION_MS ?? 1_000),
    clients: (process.env.BENCH_CLIENTS ?? '1,32,256').split(',').map(Number),
  };
  console.log(`${machine()}; medians of ${plan.rounds} interleaved rounds of ${plan.durationMs} ms\n`);
  console.log(await measureTranslation(fixture, plan));
} finally {
  stopFixture(fixture);
}
