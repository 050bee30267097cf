import { createLogger } from '@malla/chassis/logger';
import { readJobConfig } from './config.ts';
import { migrate } from './data/migrate.ts';

const log = createLogger('svc-transactions', 'info');
try {
  const names = await migrate(readJobConfig(process.env).DATABASE_URL);
  log.info({ migrations: names }, 'migrated');
} catch (error) {
  log.fatal({ err: error }, 'could not migrate');
  process.exitCode = 1;
}
