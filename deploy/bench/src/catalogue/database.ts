import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { createConnection } from 'mysql2/promise';

/**
 * What a server with eight gigabytes for it would be given, in which a million products (5.2 GB) have room: those of a mesh have as
 * much as a developer's machine can spare. What is not used is not taken.
 */
const SETTINGS = { innodb_buffer_pool_size: 8 * 2 ** 30, innodb_redo_log_capacity: 2 * 2 ** 30 } as const;

/** The MySQL of the mesh's svc-stores, which has nothing else to do. */
export interface Database {
  /** Makes an empty database. @returns its URL. */
  create(name: string): Promise<string>;
  close(): Promise<void>;
}

/** Gives that MySQL the memory of a real one, for as long as it runs. @param stateDir the mesh's `.local/`. */
export async function openDatabase(stateDir: string): Promise<Database> {
  const { DATABASE_URL = '' } = parseEnv(readFileSync(join(stateDir, 'env/svc-stores.env'), 'utf8'));
  const { mysqlRootPassword } = JSON.parse(readFileSync(join(stateDir, 'secrets.json'), 'utf8'))['svc-stores'];
  const { hostname, port, username } = new URL(DATABASE_URL);
  const root = await createConnection({
    host: hostname,
    port: Number(port),
    user: 'root',
    password: mysqlRootPassword,
  });
  for (const [name, value] of Object.entries(SETTINGS)) await root.query(`SET GLOBAL ${name} = ${value}`);
  return {
    create: async (name) => {
      await root.query(`CREATE DATABASE ${name}`);
      await root.query(`GRANT ALL ON ${name}.* TO '${username}'@'%'`);
      const url = new URL(DATABASE_URL);
      url.pathname = `/${name}`;
      return url.href;
    },
    close: () => root.end(),
  };
}
