import { readFileSync } from 'node:fs';

/** Where the mesh under test is. Whoever starts it says so in the environment (deploy/local/README.md). */
function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run "make e2e", which starts a mesh and says where it is`);
  return value;
}

export const url = variable('MALLA_URL');
export const ca = readFileSync(variable('MALLA_CA_FILE'));
export const stateDir = variable('MALLA_STATE_DIR');
export const cli = variable('MALLA_CLI');
export const usersAddress = variable('MALLA_SVC_USERS');
export const storesAddress = variable('MALLA_SVC_STORES');
export const developerFiles = {
  TLS_CA_FILE: variable('MALLA_CA_FILE'),
  TLS_CERT_FILE: variable('MALLA_DEVELOPER_CERT_FILE'),
  TLS_KEY_FILE: variable('MALLA_DEVELOPER_KEY_FILE'),
};
