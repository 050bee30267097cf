import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, meshLock } from '../context.ts';
import { execOrThrow } from '../exec.ts';
import { readManifest } from '../folders.ts';
import { withLock } from '../lock.ts';
import { readEnvFile } from '../mesh/env-files.ts';
import { startMesh } from '../mesh/mesh.ts';
import { configuredPorts, type ProcessSpec } from '../mesh/processes.ts';
import { writeWhole } from '../mesh/state.ts';
import { say, step } from '../steps.ts';
import { tour } from './tour.ts';

/** Starts what does not run yet, in the background, and returns when all is healthy. */
export const up = async (context: Context): Promise<void> =>
  withLock(context.root, meshLock(context.state), context.signal, async () => {
    const { processes, env } = context;
    const start = performance.now();
    const ports = configuredPorts(processes, env);
    const started = await startMesh({ ...context, ports, durable: true });
    for (const spec of processes) await seed(context, spec);
    context.run.release();
    const all = processes.map(({ name }) => `${name} on ${ports.get(name)}`).join(', ');
    if (started.length === 0) say(`Everything is running already: ${all}.`);
    else say(`Up after ${((performance.now() - start) / 1000).toFixed(1)} s: ${all}.`);
    say(tour(context, ports));
  });

/** Demo data, once for each new database, where a process has any. */
const seed = async ({ root, state, env, signal }: Context, { name }: ProcessSpec): Promise<void> => {
  const cwd = join(root, name);
  if (readManifest(cwd).scripts?.seed === undefined || existsSync(state.seededFile(name))) return;
  const seedEnv = { ...env, ...readEnvFile(state.envFile(name)) };
  await step(`${name}: demo data`, () =>
    execOrThrow('npm', ['run', '--silent', 'seed'], { cwd, env: seedEnv, signal }),
  );
  writeWhole(state.seededFile(name), '');
};
