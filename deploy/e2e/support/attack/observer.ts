import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDir } from '../mesh.ts';

const SAMPLE_MS = 250;

/** What a process holds: resident memory (VmRSS) in MB, and open descriptors. */
export interface Holding {
  readonly pid: number;
  readonly memoryMb: number;
  readonly descriptors: number;
}

/** Every process of the mesh by its name, also those that have ended, which hold nothing. */
export function readHoldings(): Map<string, Holding> {
  const dir = join(stateDir, 'run');
  const pids = readdirSync(dir).map((file) => JSON.parse(readFileSync(join(dir, file), 'utf8')));
  return new Map(pids.map(({ name, pid }) => [name, holdingOf(pid)]));
}

/** Samples four times a second. @returns what ends that, and the most memory that each process was seen with, in MB */
export function observe(): () => Map<string, number> {
  const peaks = new Map<string, number>();
  const sample = () => {
    for (const [name, { memoryMb }] of readHoldings()) peaks.set(name, Math.max(memoryMb, peaks.get(name) ?? 0));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return peaks;
  };
}

function holdingOf(pid: number): Holding {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const memoryMb = Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024);
    return { pid, memoryMb, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { pid: 0, memoryMb: 0, descriptors: 0 };
  }
}
