import type { CheckUpstreams } from '../upstreams/readiness.ts';
import type { App } from './app-types.ts';
import { HttpProblem } from './problem.ts';
import type { Routing } from './routing.ts';

/** `/healthz`: the process runs. `/readyz`: it can serve, because every upstream does and it is not stopping. */
export function addHealthPages(
  app: App,
  routing: Routing,
  checkUpstreams: CheckUpstreams,
  isDraining: () => boolean,
): void {
  routing.addPage('GET', '/healthz');
  routing.addPage('GET', '/readyz');
  app.get('/healthz', { config: { routeName: '/healthz' } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return { status: 'ok' };
  });
  app.get('/readyz', { config: { routeName: '/readyz' } }, async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    if (isDraining()) throw new HttpProblem(503, 'DRAINING', 'The gateway is stopping.');
    const upstreams = await checkUpstreams();
    const down = Object.entries(upstreams).filter(([, state]) => state !== 'SERVING');
    if (down.length === 0) return { status: 'ready', upstreams };
    const errors = down.map(([field, reason]) => ({ field, reason, message: 'does not serve' }));
    throw new HttpProblem(503, 'UPSTREAM_DOWN', `Not serving: ${down.map(([name]) => name).join(', ')}.`, { errors });
  });
}
