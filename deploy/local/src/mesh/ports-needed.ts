import { existsSync } from 'node:fs';
import type { Asked } from '../arguments.ts';
import { readEnvFile } from './env-files.ts';
import { findRunning } from './pid-files.ts';
import { isFree } from './ports.ts';
import { configuredPorts, type ProcessSpec, portVariable, upperSnake } from './processes.ts';
import { withRemembered } from './remembered.ts';
import type { State } from './state.ts';

/** A port that a mesh is to listen on. */
type Needed = { readonly port: number; readonly name: string; readonly variable: string };

export type PortsWanted = {
  readonly state: State;
  readonly processes: readonly ProcessSpec[];
  /** Name of a process to its port. */
  readonly ports: ReadonlyMap<string, number>;
  readonly env: NodeJS.ProcessEnv;
};

/** Looks at the ports of `make up` before anything is installed or stopped. @throws Error naming all that are taken */
export const requirePorts = async ({ state, processes }: Asked): Promise<void> => {
  const env = withRemembered(state, processes, process.env);
  await requireFreePorts({ state, processes, ports: configuredPorts(processes, env), env });
};

/**
 * @throws Error naming every port that another program has, or that two processes were given, with the variables that move
 * them
 */
export const requireFreePorts = async (wanted: PortsWanted): Promise<void> => {
  const needed = wanted.processes.flatMap((spec) => portsOf(spec, wanted));
  const problems: string[] = [];
  for (const [index, one] of needed.entries()) {
    const twin = needed.slice(0, index).find(({ port }) => port === one.port);
    if (twin !== undefined)
      problems.push(
        `port ${one.port} is both ${twin.name}'s and ${one.name}'s: set ${twin.variable} or ${one.variable}`,
      );
    else if (!isOurs(wanted.state, one) && !(await isFree(one.port)))
      problems.push(`port ${one.port} of ${one.name} is in use by another program: stop that, or set ${one.variable}`);
  }
  if (problems.length > 0) throw new Error(problems.join('; '));
};

/** The ports that running processes have, by the environments that they were started with. */
export const runningPorts = (state: State, processes: readonly ProcessSpec[]): Map<string, number> =>
  new Map(
    processes.flatMap(({ name }) => {
      const [port] = listeningOf(state, name);
      return port === undefined ? [] : [[name, port]];
    }),
  );

const portsOf = ({ name }: ProcessSpec, { ports, env }: PortsWanted): Needed[] => {
  const variable = `${upperSnake(name)}_METRICS_PORT`;
  const metrics = env[variable];
  const own = { port: ports.get(name) ?? 0, name, variable: portVariable(name) };
  return metrics === undefined ? [own] : [own, { port: Number(metrics), name, variable }];
};

const isOurs = (state: State, { name, port }: Needed): boolean => listeningOf(state, name).includes(port);

/** Where a process listens that runs: its own port first. */
const listeningOf = (state: State, name: string): number[] => {
  if (findRunning(state, name) === undefined || !existsSync(state.envFile(name))) return [];
  const { GRPC_PORT, HTTPS_PORT, SANDBOX_PORT, METRICS_PORT } = readEnvFile(state.envFile(name));
  return [GRPC_PORT ?? HTTPS_PORT ?? SANDBOX_PORT, METRICS_PORT].flatMap((port) => (port ? [Number(port)] : []));
};
