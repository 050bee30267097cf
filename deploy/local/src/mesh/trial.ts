import { rmSync } from 'node:fs';
import { step } from '../steps.ts';
import { type Env, processEnv, type Surroundings } from './env-files.ts';
import { findFreePort } from './ports.ts';
import { runningPorts } from './ports-needed.ts';
import { startProcess, writeEnv } from './process.ts';
import { folderOf, type ProcessSpec } from './processes.ts';
import type { ProcessSecrets } from './secrets.ts';
import { stopRunning } from './supervise.ts';

export type Trial = {
  readonly root: string;
  readonly spec: ProcessSpec;
  readonly secrets: ProcessSecrets;
  readonly around: Surroundings;
  readonly signal: AbortSignal;
};

/**
 * Migrates for a process whose settings or code changed, starts it on another port beside the one that runs, waits until it
 * is healthy and stops it again: what runs is stopped only for what can take its place.
 * @throws Error with the reason from its log
 */
export const tryOut = ({ root, spec, secrets, around, signal }: Trial): Promise<void> =>
  step(`${spec.name}: try, it has changed`, async () => {
    const { state, processes } = around;
    const trial: ProcessSpec = { ...spec, name: `${spec.name}-trial`, of: folderOf(spec) };
    const ports = new Map([...around.ports, ...runningPorts(state, processes), [spec.name, await findFreePort()]]);
    const { METRICS_PORT: _, ...env }: Env = processEnv(spec, secrets, { ...around, ports });
    writeEnv(state, trial, env);
    try {
      await startProcess({ root, state, spec: trial, migrate: true, signal, silent: true });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`${message}; the ${spec.name} that runs goes on as before`, { cause: error });
    } finally {
      await stopRunning(state, trial.name);
      rmSync(state.envFile(trial.name), { force: true });
    }
  });
