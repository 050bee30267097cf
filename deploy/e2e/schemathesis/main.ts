import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { registerSomebody } from '../support/http.ts';
import { stateDir, url } from '../support/mesh.ts';
import { createLamp, openStore } from '../support/shop.ts';

/** An access token is good for a quarter of an hour: all ends before. */
const SECONDS = Number(process.env.SCHEMATHESIS_SECONDS ?? 600);

const { token, storeId } = await openStore();
const { productId } = await createLamp({ token, storeId }, 'Lamp');
const child = spawn(
  process.env.SCHEMATHESIS ?? 'schemathesis',
  [
    ...['--config-file', `${import.meta.dirname}/schemathesis.toml`, 'run', `${url}/openapi.json`],
    ...['--max-time', String(SECONDS), ...process.argv.slice(2)],
  ],
  {
    stdio: 'inherit',
    // It leaves its cache where it runs: there it ends with the mesh.
    cwd: stateDir,
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      SCHEMATHESIS_HOOKS: `${import.meta.dirname}/hooks.py`,
      MALLA_TOKEN: token,
      MALLA_STORE_ID: storeId,
      MALLA_PRODUCT_ID: productId,
    },
  },
);
const [code] = await once(child, 'exit');
process.exitCode = code ?? 1;
// The mesh has to be well after it.
await registerSomebody();
process.exit();
