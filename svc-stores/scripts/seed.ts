import { createLogger } from '@malla/chassis/logger';
import { RequestContext } from '@mikro-orm/core';
import { readJobConfig } from '../src/config.ts';
import { openOrm } from '../src/data/orm.ts';
import { seedStores } from './demo/seed-stores.ts';

const log = createLogger('svc-stores', 'info');
const orm = openOrm(readJobConfig(process.env).DATABASE_URL);
try {
  const counts = await RequestContext.create(orm.em, () => seedStores(orm));
  log.info(counts, 'seeded');
} catch (error) {
  log.fatal({ err: error }, 'could not seed');
  process.exitCode = 1;
} finally {
  await orm.close();
}
