import { logLevel } from '@malla/chassis/config';
import { createLogger } from '@malla/chassis/logger';
import { runProcess } from '@malla/chassis/process';
import { readSandboxConfig } from './config.ts';
import { startSandbox } from './server.ts';

const log = createLogger('payment-sandbox', logLevel.catch('info').parse(process.env.LOG_LEVEL));
runProcess(log, async () => startSandbox(readSandboxConfig(process.env)));
