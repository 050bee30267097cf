import { type Context, meshLock } from '../context.ts';
import { withLock } from '../lock.ts';
import { startMesh } from '../mesh/mesh.ts';
import { configuredPorts } from '../mesh/processes.ts';
import { remember, rememberedOnly, withRemembered } from '../mesh/remembered.ts';
import { say, sinceStart } from '../steps.ts';
import { tour } from './tour.ts';

/** Starts what does not run yet, in the background, and returns when all is healthy. */
export const up = async (context: Context): Promise<void> =>
  withLock(context.root, meshLock(context.state), context.signal, async () => {
    const { processes, state } = context;
    const env = withRemembered(state, processes, context.env);
    const kept = rememberedOnly(state, context.env);
    const ports = configuredPorts(processes, env);
    const started = await startMesh({ ...context, env, ports, durable: true, seed: true });
    remember(state, processes, env);
    context.run.release();
    const all = processes.map(({ name }) => `${name} on ${ports.get(name)}`).join(', ');
    if (started.length === 0) say(`Everything is running already: ${all}.`);
    else say(`Up after ${(sinceStart() / 1000).toFixed(1)} s: ${all}.`);
    if (kept.length > 0) say(`As before: ${kept.join(' ')} (set to nothing, it is forgotten).`);
    say(tour(context, ports));
  });
