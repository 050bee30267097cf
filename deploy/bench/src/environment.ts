import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The mesh to measure, as whoever starts it says (deploy/local/README.md). */
export interface Mesh {
  readonly url: string;
  readonly ca: Buffer;
  readonly usersAddress: string;
  readonly developerFiles: { TLS_CA_FILE: string; TLS_CERT_FILE: string; TLS_KEY_FILE: string };
  /** The pid of a process of the mesh. */
  pidOf(name: string): number;
}

/** @throws Error naming the variable that is not set. */
export function readMesh(env: NodeJS.ProcessEnv): Mesh {
  const variable = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set: run "make bench", which starts a mesh and says where it is`);
    return value;
  };
  const stateDir = variable('MALLA_STATE_DIR');
  return {
    url: variable('MALLA_URL'),
    ca: readFileSync(variable('MALLA_CA_FILE')),
    usersAddress: variable('MALLA_SVC_USERS'),
    developerFiles: {
      TLS_CA_FILE: variable('MALLA_CA_FILE'),
      TLS_CERT_FILE: variable('MALLA_DEVELOPER_CERT_FILE'),
      TLS_KEY_FILE: variable('MALLA_DEVELOPER_KEY_FILE'),
    },
    pidOf: (name) => JSON.parse(readFileSync(join(stateDir, 'run', `${name}.json`), 'utf8')).pid,
  };
}
