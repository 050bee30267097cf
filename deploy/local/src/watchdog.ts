import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endRun } from './run-processes.ts';

// Started by a run, with the run's mark as argument, to outlive it. Its input ends when the run does; unless the run
// said "done" before, it was killed without a chance to clean up, which happens here then.
const [run] = process.argv.slice(2);
if (run === undefined) throw new Error('usage: watchdog.ts RUN');
const dirs: string[] = [];
let done = false;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'done') done = true;
  else dirs.push(line);
}
if (!done) {
  await endRun(run);
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}
