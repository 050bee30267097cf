import { createLogger } from '@malla/chassis/logger';
import { readJobConfig } from '../src/config.ts';
import { openOrm } from '../src/data/orm.ts';
import { findStockFaults } from '../src/data/stock-check.ts';

const log = createLogger('svc-stores', 'info');
const orm = openOrm(readJobConfig(process.env).DATABASE_URL);
try {
  const faults = await findStockFaults(orm);
  for (const fault of faults) log.error(fault, 'stock and its log disagree');
  if (faults.length === 0) log.info('stock and its log agree');
  else process.exitCode = 1;
} catch (error) {
  log.fatal({ err: error }, 'could not check');
  process.exitCode = 1;
} finally {
  await orm.close();
}
