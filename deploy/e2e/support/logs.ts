import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateDir } from './mesh.ts';

/** Everything that the processes of the mesh have written, MySQL's included. */
export function allLogs(): string {
  const dir = join(stateDir, 'logs');
  return readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .join('\n');
}

/** The requests that the gateway has answered at a route, each with its status. */
export function requestsAt(route: string): { status: number }[] {
  return readFileSync(join(stateDir, 'logs/edge-gateway.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes(`"route":${JSON.stringify(route)}`))
    .map((line) => JSON.parse(line));
}
