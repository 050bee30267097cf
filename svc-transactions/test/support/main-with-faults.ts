import { logLevel } from '@malla/chassis/config';
import { createLogger } from '@malla/chassis/logger';
import { runProcess } from '@malla/chassis/process';
import { readConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { dyingOnceAtEach } from './faults.ts';

const FOLDER = 'FAULTS_FOLDER';

/** As src/main.ts, but it dies at the first of each step. For tests: the image does not hold it. */
const log = createLogger('svc-transactions', logLevel.catch('info').parse(process.env.LOG_LEVEL));
const { [FOLDER]: folder, ...env } = process.env;
if (!folder) throw new Error(`${FOLDER} is not set`);
runProcess(log, async () => startServer(readConfig(env), { reached: dyingOnceAtEach(folder) }));
