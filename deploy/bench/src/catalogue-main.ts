import { openDatabase } from './catalogue/database.ts';
import { type Filling, fill, untilQuiet } from './catalogue/fill.ts';
import { mysqlPid, startInstance } from './catalogue/instance.ts';
import { measureAll, type Subject } from './catalogue/measure.ts';
import { OPERATIONS } from './catalogue/operations.ts';
import { fillingTable, latencyTable } from './catalogue/report.ts';
import { drawSample } from './catalogue/sample.ts';
import { readMesh } from './environment.ts';
import { machine } from './report.ts';

const SIZES = (process.env.BENCH_PRODUCTS ?? '1000,100000').split(',').map(Number);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const DURATION_MS = Number(process.env.BENCH_DURATION_MS ?? 1_000);

const mesh = readMesh(process.env);
const stateDir = process.env.MALLA_STATE_DIR ?? '';
const mysql = mysqlPid(stateDir);
const database = await openDatabase(stateDir);
const subjects: Subject[] = [];
const fillings: Filling[] = [];
try {
  console.log(`## The catalogue\n\n${machine()}; medians of ${ROUNDS} interleaved rounds of ${DURATION_MS} ms\n`);
  for (const products of SIZES) {
    const databaseUrl = await database.create(`catalogue_${products}`);
    const instance = await startInstance(mesh, stateDir, { products, databaseUrl });
    fillings.push(await fill(mesh, stateDir, instance, mysql));
    subjects.push({ instance, sample: await drawSample(instance.clients) });
  }
  console.log(`${fillingTable(fillings)}\n`);
  await untilQuiet(mysql);
  const results = await measureAll(OPERATIONS, subjects, { rounds: ROUNDS, durationMs: DURATION_MS });
  console.log(latencyTable(SIZES, OPERATIONS, results));
} finally {
  await Promise.all(subjects.map(({ instance }) => instance.stop()));
  await database.close();
}
process.exit();
