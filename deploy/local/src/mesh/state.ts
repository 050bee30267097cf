import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Where everything of one running mesh lies. The developer's own is `.local/` at the root of the clone. */
export type State = {
  readonly dir: string;
  readonly caFile: string;
  readonly caKeyFile: string;
  readonly developerCertFile: string;
  readonly developerKeyFile: string;
  readonly secretsFile: string;
  /** The ports and settings of the last `make up`. */
  readonly settingsFile: string;
  certFile(name: string): string;
  keyFile(name: string): string;
  envFile(name: string): string;
  pidFile(name: string): string;
  logFile(name: string): string;
  mysqlDir(name: string): string;
  /** What a sandbox keeps. */
  dataFile(name: string): string;
  seededFile(name: string): string;
};

/** @param dir absolute path, need not exist */
export const stateIn = (dir: string): State => ({
  dir,
  caFile: join(dir, 'ca.pem'),
  caKeyFile: join(dir, 'ca-key.pem'),
  developerCertFile: join(dir, 'developer.pem'),
  developerKeyFile: join(dir, 'developer-key.pem'),
  secretsFile: join(dir, 'secrets.json'),
  settingsFile: join(dir, 'settings.json'),
  certFile: (name) => join(dir, 'certs', `${name}.pem`),
  keyFile: (name) => join(dir, 'certs', `${name}-key.pem`),
  envFile: (name) => join(dir, 'env', `${name}.env`),
  pidFile: (name) => join(dir, 'run', `${name}.json`),
  logFile: (name) => join(dir, 'logs', `${name}.log`),
  mysqlDir: (name) => join(dir, 'mysql', name),
  dataFile: (name) => join(dir, 'data', `${name}.sqlite`),
  seededFile: (name) => join(dir, 'seeded', name),
});

/** Writes a file whole or not at all, with its folder. Only its owner may read it unless `mode` says more. */
export const writeWhole = (path: string, text: string, mode = 0o600): void => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}.new`;
  writeFileSync(fresh, text, { mode });
  chmodSync(fresh, mode);
  renameSync(fresh, path);
};
