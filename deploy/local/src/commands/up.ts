import { type Context, meshLock } from '../context.ts';
import { withLock } from '../lock.ts';
import { startMesh } from '../mesh/mesh.ts';
import { configuredPorts } from '../mesh/processes.ts';
import { say } from '../steps.ts';
import { tour } from './tour.ts';

/** Starts what does not run yet, in the background, and returns when all is healthy. */
export const up = async (context: Context): Promise<void> =>
  withLock(context.root, meshLock(context.state), context.signal, async () => {
    const { processes, env } = context;
    const start = performance.now();
    const ports = configuredPorts(processes, env);
    const started = await startMesh({ ...context, ports, durable: true, seed: true });
    context.run.release();
    const all = processes.map(({ name }) => `${name} on ${ports.get(name)}`).join(', ');
    if (started.length === 0) say(`Everything is running already: ${all}.`);
    else say(`Up after ${((performance.now() - start) / 1000).toFixed(1)} s: ${all}.`);
    say(tour(context, ports));
  });
