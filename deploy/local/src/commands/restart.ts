import { type Context, meshLock, selectProcesses } from '../context.ts';
import { withLock } from '../lock.ts';
import { findRunning } from '../mesh/pid-files.ts';
import { awaitReached, startProcess } from '../mesh/process.ts';
import { ofKind } from '../mesh/processes.ts';
import { atWork, killRunning, stopRunning } from '../mesh/supervise.ts';
import { mysqlName } from '../mysql/instance.ts';
import { say } from '../steps.ts';

/** Stops processes, runs their migrations and starts them again with the same settings. Their MySQL goes on. */
export const restart = (context: Context): Promise<void> => locked(context, () => startEach(context, true));

/** As `restart`, without the migrations. */
export const start = (context: Context): Promise<void> => locked(context, () => startEach(context, false));

/** Stops processes by SIGTERM and waits until they have ended. */
export const stop = (context: Context): Promise<void> => locked(context, () => endEach(context, stopRunning));

/** Ends processes by SIGKILL. */
export const kill = (context: Context): Promise<void> => locked(context, () => endEach(context, killRunning));

const locked = (context: Context, work: () => Promise<void>): Promise<void> =>
  withLock(context.root, meshLock(context.state), context.signal, async () => {
    await work();
    context.run.release();
  });

/** Returns when the gateway has found what was started. */
const startEach = async (context: Context, migrate: boolean): Promise<void> => {
  const { root, state, signal } = context;
  const selected = selectProcesses(context);
  for (const spec of selected) {
    if (spec.kind === 'service' && findRunning(state, mysqlName(spec.name)) === undefined) {
      throw new Error(`the MySQL of ${spec.name} does not run: make up starts everything`);
    }
    await stopRunning(state, spec.name);
    await startProcess({ root, state, spec, migrate, signal });
  }
  for (const spec of ofKind(context.processes, 'gateway')) {
    const running = findRunning(state, spec.name);
    const services = ofKind(selected, 'service').map(({ name }) => name);
    if (running !== undefined) await awaitReached(state, spec, services, atWork(state, running), signal);
  }
};

const endEach = async (context: Context, end: typeof stopRunning): Promise<void> => {
  for (const { name } of selectProcesses(context)) {
    say(`${name}: ${(await end(context.state, name)) ? 'ended' : 'was not running'}`);
  }
};
