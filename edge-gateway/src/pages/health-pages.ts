import type { App } from '../arrival/app-types.ts';
import type { Routing } from '../arrival/routing.ts';
import { HttpProblem } from '../problems/problem.ts';
import type { CheckUpstreams } from '../upstreams/readiness.ts';

/**
 * `/healthz`: the process runs. `/readyz`: the gateway can serve, that is, it is not stopping and some upstream serves. What one
 * upstream is for is away with it, and says so by 503; taking the gateway out of a balancer would take the rest away as well.
 * The state of each upstream stands in the body either way.
 */
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
    const states = Object.entries(upstreams);
    if (states.some(([, state]) => state === 'SERVING')) return { status: 'ready', upstreams };
    const errors = states.map(([field, reason]) => ({ field, reason, message: 'does not serve' }));
    throw new HttpProblem(503, 'UPSTREAMS_DOWN', 'No upstream is ready.', { errors });
  });
}
