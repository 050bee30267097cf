import { METHODS } from 'node:http';
import type { Metrics } from '@malla/chassis/metrics';
import type { App } from './app-types.ts';
import type { Routing } from './routing.ts';

/** As the semantic conventions of OpenTelemetry name it, with their buckets, in seconds. */
const DURATION = {
  name: 'http_server_request_duration_seconds',
  help: 'How long answers took.',
  labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
};
const OTHER_METHOD = '_OTHER';

/** Counts requests, by the template of their path and not by what a client sent; and serves the metrics while the app runs. */
export function addRequestMetrics(app: App, routing: Routing, metrics: Metrics): void {
  const duration = metrics.histogram(DURATION);
  app.addHook('onReady', async () => void (await metrics.listen()));
  app.addHook('onClose', () => metrics.close());
  app.addHook('onResponse', (request, reply, done) => {
    const { method, outcome } = routing.routed(request.raw);
    const labels = {
      http_request_method: METHODS.includes(method) ? method : OTHER_METHOD,
      http_route: request.routeOptions.config.routeName ?? outcome.kind,
      http_response_status_code: String(reply.statusCode),
    };
    duration.observe(labels, reply.elapsedTime / 1_000);
    done();
  });
}
