import { createLogger } from '@malla/chassis/logger';
import { runProcess } from '@malla/chassis/process';
import { mallaContract } from '@malla/proto/contract';
import { readConfig } from './config.ts';
import { startServer } from './server.ts';

try {
  const config = readConfig(process.env);
  const log = createLogger('edge-gateway', config.LOG_LEVEL);
  runProcess(log, () => startServer(config, mallaContract(), log));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
