import { existsSync, readFileSync } from 'node:fs';
import { PASSED_ON } from './env-files.ts';
import { type ProcessSpec, portVariable, upperSnake } from './processes.ts';
import { type State, writeWhole } from './state.ts';

/** Every variable by which whoever types `make up` moves a port or changes a setting. */
const variablesOf = (processes: readonly ProcessSpec[]): string[] => [
  ...PASSED_ON,
  ...processes.flatMap(({ name }) => [portVariable(name), `${upperSnake(name)}_METRICS_PORT`]),
];

/**
 * The environment of a `make up`: what is set now goes before what was set for the last one that succeeded. A variable that
 * is set and empty is as one that never was.
 */
export const withRemembered = (
  state: State,
  processes: readonly ProcessSpec[],
  env: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv => {
  const names = variablesOf(processes);
  const set = Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const merged: NodeJS.ProcessEnv = { ...env, ...readRemembered(state), ...set };
  for (const name of names) if (merged[name] === '') delete merged[name];
  return merged;
};

/** Keeps the ports and settings of a mesh that has come up. */
export const remember = (state: State, processes: readonly ProcessSpec[], env: NodeJS.ProcessEnv): void => {
  const set = variablesOf(processes).flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  writeWhole(state.settingsFile, `${JSON.stringify(Object.fromEntries(set), null, 2)}\n`);
};

/** What was kept and is not set now, as it would be typed. */
export const rememberedOnly = (state: State, env: NodeJS.ProcessEnv): string[] =>
  Object.entries(readRemembered(state)).flatMap(([name, value]) =>
    env[name] === undefined ? [`${name}=${value}`] : [],
  );

const readRemembered = ({ settingsFile }: State): Readonly<Record<string, string>> =>
  existsSync(settingsFile) ? JSON.parse(readFileSync(settingsFile, 'utf8')) : {};
