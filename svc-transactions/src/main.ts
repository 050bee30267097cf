import { logLevel } from '@malla/chassis/config';
import { createLogger } from '@malla/chassis/logger';
import { runProcess } from '@malla/chassis/process';
import { readConfig } from './config.ts';
import { startServer } from './server.ts';

const log = createLogger('svc-transactions', logLevel.catch('info').parse(process.env.LOG_LEVEL));
runProcess(log, async () => startServer(readConfig(process.env)));
