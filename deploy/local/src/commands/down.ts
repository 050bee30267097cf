import { rmSync } from 'node:fs';
import { type Context, meshLock, selectProcesses } from '../context.ts';
import { withLock } from '../lock.ts';
import { forget } from '../mesh/pid-files.ts';
import { stopMesh } from '../mesh/stop-mesh.ts';
import { mysqlName } from '../mysql/instance.ts';
import { say } from '../steps.ts';

/** Stops every process that was started here, or the one that `svc=` names with its MySQL, and nothing else. */
export const down = (context: Context): Promise<void> =>
  withLock(context.root, meshLock(context.state), context.signal, () => stopAll(context));

/** Stops everything and forgets all data, keys and certificates. The programs in `.tools/` stay. */
export const reset = async (context: Context): Promise<void> =>
  withLock(context.root, meshLock(context.state), context.signal, async () => {
    await stopAll({ ...context, svc: undefined });
    rmSync(context.state.dir, { recursive: true, force: true });
    say(`Removed ${context.state.dir}.`);
  });

const stopAll = async (context: Context): Promise<void> => {
  const { state } = context;
  const chosen = selectProcesses(context);
  const stopped = await stopMesh(state, chosen);
  for (const { name } of chosen) for (const file of [name, mysqlName(name)]) forget(state, file);
  say(stopped.length === 0 ? 'Nothing was running.' : `Stopped ${stopped.join(', ')}.`);
};
