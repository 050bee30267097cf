import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { createFailureLog } from './failure-log.ts';
import type { Logger } from './logger.ts';

/** Where metrics are read: `METRICS_PORT` and `METRICS_HOST` of the environment. Nowhere without a port. */
export interface MetricsAddress {
  readonly METRICS_HOST: string;
  readonly METRICS_PORT?: number | undefined;
}

/** What a metric is called. Labels have few values each, and none that a client chooses. */
export interface MetricNames {
  /** As Prometheus names it: `malla_purchases_stuck`. */
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** A number that is looked up when the metrics are read. */
export interface GaugeSource extends MetricNames {
  /** For how many milliseconds it is told again without another look. Default: 10 seconds. */
  readonly ageMsMax?: number;
  /** The number for each set of labels. When it throws, that is logged, and there is none for as long. */
  read(): Promise<readonly { readonly labels?: Labels; readonly value: number }[]>;
}

/** The metrics of a process. */
export interface Metrics {
  counter(names: MetricNames): { inc(labels: Labels): void };
  /** @param names with the upper bounds of its buckets; by default those of Prometheus, 5 ms to 10 s. */
  histogram(names: MetricNames & { readonly buckets?: number[] }): { observe(labels: Labels, value: number): void };
  gauge(source: GaugeSource): void;
  /** Lets metrics be read. @returns the port. @throws Error when it is taken. */
  listen(): Promise<number>;
  /** Where they are read, once they are. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

const PATH = '/metrics';
/** However many read, and however often: what it costs to look a gauge up is bounded. */
const AGE_MS_MAX = 10_000;

/** Makes the metrics of a process, with what Node.js tells of itself. @returns undefined without a port. */
export function createMetrics({ METRICS_HOST, METRICS_PORT }: MetricsAddress, log: Logger): Metrics | undefined {
  if (METRICS_PORT === undefined) return undefined;
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const server = serve(registry, log);
  const portOf = () => (server.address() as AddressInfo | null)?.port;
  return {
    counter: ({ labelNames = [], ...names }) => new Counter({ ...names, labelNames, registers }),
    histogram: ({ labelNames = [], ...names }) => new Histogram({ ...names, labelNames, registers }),
    gauge: (source) => addGauge(registry, source, log),
    listen: async () => {
      await once(server.listen(METRICS_PORT, METRICS_HOST), 'listening');
      return portOf() ?? METRICS_PORT;
    },
    get port() {
      return portOf();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function addGauge(registry: Registry, { name, help, labelNames = [], ...source }: GaugeSource, log: Logger): void {
  const { read, ageMsMax = AGE_MS_MAX } = source;
  const failures = createFailureLog(log, 'a gauge cannot be read', { level: 'warn' });
  let readMs = Number.NEGATIVE_INFINITY;
  let reading: ReturnType<typeof read> = Promise.resolve([]);
  const numbers = () => {
    if (performance.now() - readMs < ageMsMax) return reading;
    readMs = performance.now();
    reading = read().catch((error: unknown) => {
      failures.failed(error, { gauge: name });
      return [];
    });
    return reading;
  };
  new Gauge({
    ...{ name, help, labelNames, registers: [registry] },
    async collect() {
      const values = await numbers();
      this.reset();
      // Without labels it would be zero after that, which nobody has counted.
      if (labelNames.length === 0 && values.length === 0) this.remove();
      for (const { labels = {}, value } of values) this.set(labels, value);
    },
  });
}

function serve(registry: Registry, log: Logger): Server {
  const failures = createFailureLog(log, 'metrics cannot be read');
  return createServer(async ({ method, url }, response) => {
    const isKnown = url === PATH && (method === 'GET' || method === 'HEAD');
    if (!isKnown) return response.writeHead(404).end();
    try {
      const body = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(body);
    } catch (error) {
      failures.failed(error);
      response.writeHead(500).end();
    }
  });
}
