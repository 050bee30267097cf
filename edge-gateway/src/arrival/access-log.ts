import { withoutRedaction } from '@malla/chassis/logger';
import type { App } from './app-types.ts';
import type { Routing } from './routing.ts';

/** Writes one line for each request. The path's template stands for the path, so that nothing a client sent is logged. */
export function addAccessLog(app: App, routing: Routing): void {
  const log = withoutRedaction(app.log);
  app.addHook('onResponse', (request, reply, done) => {
    const { method, outcome } = routing.routed(request.raw);
    const line = {
      requestId: request.id,
      client: request.clientAddress,
      method,
      route: request.routeOptions.config.routeName ?? outcome.kind,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 1000) / 1000,
      http: request.raw.httpVersion,
      ...(request.failure && { reason: request.failure }),
    };
    if (reply.statusCode >= 500) log.warn(line, 'request');
    else log.info(line, 'request');
    done();
  });
}
