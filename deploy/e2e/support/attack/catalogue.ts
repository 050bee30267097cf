import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { registerSomebody } from '../http.ts';
import { developerFiles, storesAddress } from '../mesh.ts';

const SVC_STORES = join(import.meta.dirname, '../../../../svc-stores');
const STORES = '4';

/** Fills the catalogue with made-up products (svc-stores/scripts/load.ts). */
export async function fillCatalogue(products: number): Promise<void> {
  const { accessToken: ACCESS_TOKEN } = await registerSomebody();
  const args = [
    'scripts/load.ts',
    '--target',
    `dns:///${storesAddress}`,
    '--products',
    String(products),
    '--stores',
    STORES,
  ];
  const env = { ...process.env, ...developerFiles, ACCESS_TOKEN };
  await promisify(execFile)(process.execPath, args, { cwd: SVC_STORES, env });
}
