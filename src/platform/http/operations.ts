import { Router } from 'express';
import { z } from './zod';
import { refuseOtherMethods } from './methods';
import type { Metrics } from './metrics';
import { json, registry } from './openapi';

/** One thing that must be true before the process takes traffic. */
export interface ReadinessCheck {
  readonly name: string;
  /** Resolves to what is wrong, or undefined when all is well. */
  readonly check: () => Promise<string | undefined> | string | undefined;
}

export interface OperationsOptions {
  readonly metrics: Metrics;
  readonly readiness: readonly ReadinessCheck[];
  readonly version: () => object;
}

const readyAnswer = z.object({ status: z.enum(['ready', 'not-ready']), checks: z.record(z.string(), z.string()) });

registry.registerPath({
  method: 'get',
  path: '/healthz',
  tags: ['operations'],
  summary: 'Is the process alive?',
  responses: { 200: { description: 'Yes', ...json(z.object({ status: z.literal('alive') })) } },
});
registry.registerPath({
  method: 'get',
  path: '/readyz',
  tags: ['operations'],
  summary: 'May this process take traffic?',
  responses: {
    200: { description: 'Yes', ...json(readyAnswer) },
    503: { description: 'Not yet: each check says why', ...json(readyAnswer) },
  },
});
registry.registerPath({
  method: 'get',
  path: '/metrics',
  tags: ['operations'],
  summary: 'Prometheus metrics',
  responses: { 200: { description: 'Text exposition format', content: { 'text/plain': { schema: z.string() } } } },
});
registry.registerPath({
  method: 'get',
  path: '/version',
  tags: ['operations'],
  summary: 'What runs: version, backend (native or fallback, and why), Node, database',
  responses: { 200: { description: 'What runs', ...json(z.record(z.string(), z.unknown())) } },
});

/** /healthz, /readyz, /metrics, /version. */
export function operationsRoutes(options: OperationsOptions): Router {
  const router = Router();
  router.get('/healthz', (_req, res) => void res.set('Cache-Control', 'no-store').json({ status: 'alive' }));
  router.get('/readyz', async (_req, res) => {
    const checks = await runChecks(options.readiness);
    const ready = Object.values(checks).every((state) => state === 'ok');
    res.status(ready ? 200 : 503).set('Cache-Control', 'no-store');
    if (!ready) res.set('Retry-After', '1');
    res.json({ status: ready ? 'ready' : 'not-ready', checks });
  });
  router.get('/metrics', async (_req, res) => {
    res.type(options.metrics.registry.contentType).send(await options.metrics.registry.metrics());
  });
  router.get('/version', (_req, res) => void res.json(options.version()));
  refuseOtherMethods(router);
  return router;
}

async function runChecks(checks: readonly ReadinessCheck[]): Promise<Record<string, string>> {
  const states = checks.map(async ({ name, check }): Promise<[string, string]> => {
    try {
      return [name, (await check()) ?? 'ok'];
    } catch (error) {
      return [name, error instanceof Error ? error.message : String(error)];
    }
  });
  return Object.fromEntries(await Promise.all(states));
}
