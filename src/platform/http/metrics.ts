import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The process's Prometheus metrics: names are easy11_<context>_<what>_<unit>. */
export interface Metrics {
  readonly registry: Registry;
  /** Counts a finished request. `route` is a pattern, never a raw path: its values must stay few. */
  observeRequest(route: string, method: string, status: number, seconds: number): void;
  /** A figure that is read when somebody asks; undefined leaves it out. */
  gauge(name: string, help: string, read: () => number | undefined): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'easy11_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [registry],
  });
  const errors = new Counter({
    name: 'easy11_http_errors_total',
    help: 'Requests answered with a 5xx status.',
    labelNames: ['route'],
    registers: [registry],
  });
  return {
    registry,
    observeRequest(route, method, status, seconds) {
      duration.observe({ route, method, status }, seconds);
      if (status >= 500) errors.inc({ route });
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          const value = read();
          // Not `reset`, which makes a 0 of it.
          if (value === undefined) this.remove();
          else this.set(value);
        },
      });
    },
  };
}
