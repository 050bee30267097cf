import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { prettyFactory } from 'pino-pretty';
import type { Context } from '../context.ts';
import { say } from '../steps.ts';

const LINES_BACK = '20';

/** Follows the logs of every process, or of the one that `svc=` names with its MySQL, until it is interrupted. */
export const logs = async ({ state, svc, signal }: Context): Promise<void> => {
  const dir = join(state.logFile(''), '..');
  const files = existsSync(dir) ? readdirSync(dir).filter((file) => file.endsWith('.log') && isWanted(file, svc)) : [];
  if (files.length === 0) throw new Error(`${svc ?? 'nothing'} has never been started here: make up starts it`);
  const width = Math.max(...files.map((file) => file.length)) - '.log'.length;
  const tails = files.map((file) => follow(join(dir, file), basename(file, '.log').padEnd(width)));
  signal.addEventListener('abort', () => tails.forEach((tail) => void tail.kill()), { once: true });
  await Promise.all(tails.map((tail) => once(tail, 'exit')));
};

/** Without `svc=`, what MySQL and the migrations say stays out: it is seldom asked for and not JSON. */
const isWanted = (file: string, svc: string | undefined): boolean =>
  svc === undefined
    ? !/-(mysql|migrate|seed|trial)\.log$/.test(file)
    : file === `${svc}.log` || file === `${svc}-mysql.log`;

const follow = (path: string, label: string): ChildProcess => {
  const pretty = prettyFactory({
    colorize: process.stdout.isTTY === true,
    ignore: 'pid,hostname,name,service',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
  const tail = spawn('tail', ['-n', LINES_BACK, '-F', path], { stdio: ['ignore', 'pipe', 'ignore'] });
  createInterface({ input: tail.stdout }).on('line', (line) => say(`${label} | ${(pretty(line) ?? line).trimEnd()}`));
  return tail;
};
