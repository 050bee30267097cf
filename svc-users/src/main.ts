import { createLogger } from '@malla/chassis/logger';
import { runProcess } from '@malla/chassis/process';
import { readConfig } from './config.ts';
import { startServer } from './server.ts';

runProcess(createLogger('svc-users', process.env.LOG_LEVEL ?? 'info'), async () =>
  startServer(readConfig(process.env)),
);
