import { once } from 'node:events';
import { logLevel } from '@malla/chassis/config';
import { createLogger } from '@malla/chassis/logger';
import { runProcess } from '@malla/chassis/process';
import { readConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import { dyingOnceAtEach } from './faults.ts';

const FOLDER = 'FAULTS_FOLDER';

/**
 * As src/main.ts, but it dies at the first of each step. Started with a channel, it waits, loaded, until it is told to begin. For
 * tests: the image does not hold it.
 */
const log = createLogger('svc-transactions', logLevel.catch('info').parse(process.env.LOG_LEVEL));
const { [FOLDER]: folder, FAULTS_SHARE: share = '1', FAULTS_SEED: seed = '', ...env } = process.env;
if (!folder) throw new Error(`${FOLDER} is not set`);
runProcess(log, async () => {
  await told();
  return startServer(readConfig(env), { reached: dyingOnceAtEach(folder, { share: Number(share), seed }) });
});

async function told(): Promise<void> {
  if (!process.channel) return;
  const end = () => process.exit();
  process.once('disconnect', end);
  await once(process, 'message');
  process.off('disconnect', end);
  process.disconnect();
}
