import { join } from 'node:path';
import { setup } from './setup/setup.ts';

const root = join(import.meta.dirname, '../../..');
const [command, svc] = process.argv.slice(2);
const signal = new AbortController().signal;
await setup({ root, svc: svc || undefined, gen: command === 'gen', signal });
