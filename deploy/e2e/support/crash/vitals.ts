import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What may come on top of what a process held when the work had begun: what it has seen, and what goes up and down. A garbage
 * collector that is in no hurry holds 150 MB more or less of a gateway's; 40 kB lost with each of 10,000 purchases are more.
 */
const MORE = { memoryMb: 400, sockets: 200 };

/** What a process holds at a moment. */
export interface Vitals {
  readonly memoryMb: number;
  readonly sockets: number;
}

/** By process. */
export type VitalsOf = ReadonlyMap<string, Vitals>;

/** Looks at processes, by name and pid; what is gone, or on a system without /proc, is left out. */
export function readVitals(pids: ReadonlyMap<string, number>): VitalsOf {
  return new Map(
    [...pids].flatMap(([name, pid]) => {
      const vitals = vitalsOf(pid);
      return vitals ? [[name, vitals]] : [];
    }),
  );
}

/** Which processes hold much more than they did, in words. */
export function growth(first: VitalsOf, last: VitalsOf): string[] {
  return [...last].flatMap(([name, now]) => {
    const then = first.get(name) ?? now;
    const grew = now.memoryMb > then.memoryMb + MORE.memoryMb || now.sockets > then.sockets + MORE.sockets;
    return grew ? [`${name} has grown from ${JSON.stringify(then)} to ${JSON.stringify(now)}`] : [];
  });
}

/** In few words: `edge-gateway 180 MB/90, …`. */
export function inWords(vitals: VitalsOf): string {
  return [...vitals].map(([name, { memoryMb, sockets }]) => `${name} ${memoryMb} MB/${sockets}`).join(', ');
}

function vitalsOf(pid: number): Vitals | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const files = readdirSync(`/proc/${pid}/fd`).map((name) => linkOf(join(`/proc/${pid}/fd`, name)));
    const sockets = files.filter((target) => target.startsWith('socket:')).length;
    return { memoryMb: Math.round(Number(kilobytes) / 1024), sockets };
  } catch {
    return undefined;
  }
}

/** Empty for a file that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
