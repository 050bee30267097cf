import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { readMesh } from './environment.ts';
import { type Measurement, measure, medianOf } from './measure.ts';
import { machine, table } from './report.ts';
import { scenarios } from './scenarios.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const DURATION_MS = Number(process.env.BENCH_DURATION_MS ?? 2_000);
const CLIENTS = (process.env.BENCH_CLIENTS ?? '1,32').split(',').map(Number);

const mesh = readMesh(process.env);
const certs = join(process.env.MALLA_STATE_DIR ?? '', 'certs');
const server = fork(join(import.meta.dirname, 'static-server.ts'), [
  join(certs, 'edge-gateway-https.pem'),
  join(certs, 'edge-gateway-https-key.pem'),
]);
try {
  const all = await scenarios(mesh, `https://localhost:${await portOf(server)}`, server.pid ?? 0);
  console.log(`${machine()}; medians of ${ROUNDS} interleaved rounds of ${DURATION_MS} ms\n`);
  for (const clients of CLIENTS) {
    const rounds = new Map<string, Measurement[]>(all.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const scenario of all) rounds.get(scenario.name)?.push(await measure(scenario, clients, DURATION_MS));
    }
    const medians = new Map([...rounds].map(([name, measurements]) => [name, medianOf(measurements)]));
    console.log(`### ${clients} ${clients === 1 ? 'client' : 'clients'}\n\n${table(medians)}\n`);
  }
} finally {
  server.kill();
}
process.exit();

async function portOf(child: ChildProcess): Promise<number> {
  const [port] = await once(child, 'message');
  return Number(port);
}
