import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { folderOf, type ProcessSpec } from './processes.ts';
import type { State } from './state.ts';
import { writeWhole } from './state.ts';

/** What one process has to itself; made at its first start and kept as long as its data. */
export type ProcessSecrets = {
  readonly mysqlRootPassword: string;
  readonly mysqlPassword: string;
  /** Variable name to 32 random bytes in base64. */
  readonly keys: Readonly<Record<string, string>>;
};

export type Secrets = Readonly<Record<string, ProcessSecrets>>;

/** Reads the secrets of a state directory and makes those that are missing. */
export const keepSecrets = (state: State, processes: readonly ProcessSpec[]): Secrets => {
  const before: Secrets = existsSync(state.secretsFile) ? JSON.parse(readFileSync(state.secretsFile, 'utf8')) : {};
  const owners = processes.filter(({ of }) => of === undefined);
  const fresh = Object.fromEntries(owners.map((spec) => [spec.name, complete(spec, before[spec.name])]));
  const secrets = { ...before, ...fresh };
  writeWhole(state.secretsFile, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
};

/** What a process has to itself; of a sandbox, those keys of its service that it shares. */
export const secretsOf = (secrets: Secrets, spec: ProcessSpec): ProcessSecrets => {
  const owner = secrets[folderOf(spec)];
  if (owner === undefined) throw new Error(`${spec.name} has no secrets`);
  return spec.of === undefined
    ? owner
    : { ...owner, keys: Object.fromEntries(spec.keys.map((name) => [name, owner.keys[name] ?? ''])) };
};

const complete = (spec: ProcessSpec, before: ProcessSecrets | undefined): ProcessSecrets => ({
  mysqlRootPassword: before?.mysqlRootPassword ?? newPassword(),
  mysqlPassword: before?.mysqlPassword ?? newPassword(),
  keys: Object.fromEntries(spec.keys.map((name) => [name, before?.keys[name] ?? randomBytes(32).toString('base64')])),
});

/** Letters, digits, `-` and `_` only: safe in SQL and in a URL as it is. */
export const newPassword = (): string => randomBytes(24).toString('base64url');
