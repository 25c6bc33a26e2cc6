import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatTime, runWorker, table } from '../processes';
import type { LoadResult } from './load';
import { startServer } from './server';

export interface HttpResult extends LoadResult {
  readonly name: string;
  /** CPU time of the server process per request, microseconds. */
  readonly cpuPerRequest: number;
}

async function cpuSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total ([\d.e+-]+)/m.exec(text)?.[1] ?? Number.NaN);
}

/** What is asked: names that are typed letter by letter, paths, or carts with their tokens. */
interface Load {
  readonly kind: 'names' | 'paths' | 'carts';
  readonly values: readonly string[];
}

async function measure(name: string, url: string, load: Load, seconds: number): Promise<HttpResult> {
  const args = [load.kind, ...load.values];
  await runWorker<LoadResult>('bench/http/load.ts', [url, '2', '16', ...args]); // warm-up
  const before = await cpuSeconds(url);
  const result = await runWorker<LoadResult>('bench/http/load.ts', [url, String(seconds), '16', ...args]);
  const cpu = (await cpuSeconds(url)) - before;
  return { name, ...result, cpuPerRequest: (cpu * 1e6) / result.requests };
}

interface ProductPage {
  readonly data: readonly { readonly id: string; readonly sku: string; readonly name: string }[];
}

/** A hundred carts of three articles each. */
async function makeCarts(url: string, { data }: ProductPage): Promise<Load> {
  const values: string[] = [];
  for (let i = 0; i < 100; i++) {
    const lines = [0, 1, 2].map((line) => ({ sku: data[(i * 3 + line) % data.length]?.sku, quantity: 1 + line }));
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${url}/v1/carts`, { method: 'POST', headers, body: JSON.stringify({ lines }) });
    const { id, token } = (await answer.json()) as { id: string; token: string };
    values.push(`/v1/carts/${id} ${token}`);
  }
  return { kind: 'carts', values };
}

/** One way to run the shop. */
export interface Variant {
  readonly backend: 'native' | 'fallback';
  readonly cacheBytes?: number;
  /** Whether product details and carts are asked for too. */
  readonly details?: boolean;
}

/** Suggestions over HTTP, typed letter by letter, and product details, on a generated shop; last, a server that does nothing. */
export async function measureHttp(options: {
  products: number;
  seconds: number;
  variants: readonly Variant[];
}): Promise<HttpResult[]> {
  const { seconds } = options;
  const results: HttpResult[] = [];
  let typed: Load = { kind: 'names', values: ['red mug', 'green tea'] };
  const { DATABASE_URL: _database, ...env } = process.env;
  for (const { backend, cacheBytes, details } of options.variants) {
    const data = mkdtempSync(path.join(os.tmpdir(), 'easy11-bench-'));
    chmodSync(data, 0o755); // the embedded PostgreSQL runs as another user when root starts it
    const server = await startServer(['scripts/run.cjs', 'start'], {
      ...env,
      DATABASE_URL: '',
      PORT: '0',
      LOG_LEVEL: 'warn',
      EASY11_BACKEND: backend,
      EASY11_DATA_DIR: data,
      EASY11_DEMO_PRODUCTS: String(options.products),
      EASY11_SHED_DELAY: '0',
      ...(cacheBytes === undefined ? {} : { EASY11_CACHE_BYTES: String(cacheBytes) }),
    });
    try {
      const page = (await (await fetch(`${server.url}/v1/products?limit=100&sort=-popularity`)).json()) as ProductPage;
      typed = { kind: 'names', values: page.data.map(({ name }) => name.toLowerCase()) };
      const how = `${backend}${cacheBytes === 0 ? ', no cache' : ''}`;
      results.push(await measure(`GET /v1/suggestions, ${how}`, server.url, typed, seconds));
      if (!details) continue;
      const products: Load = { kind: 'paths', values: page.data.map(({ id }) => `/v1/products/${id}`) };
      results.push(await measure(`GET /v1/products/{id}, ${how}`, server.url, products, seconds));
      const carts = await makeCarts(server.url, page);
      results.push(await measure(`GET /v1/carts/{id}, ${how}`, server.url, carts, seconds));
    } finally {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    }
  }
  const bare = await startServer(['--import', 'tsx', 'bench/http/baseline.ts'], {});
  try {
    results.push(await measure('bare node:http, constant JSON', bare.url, typed, seconds));
  } finally {
    await bare.stop();
  }
  return results;
}

const VARIANTS: readonly Variant[] = [
  { backend: 'native', details: true },
  { backend: 'native', cacheBytes: 0, details: true },
  { backend: 'fallback' },
];

/** The HTTP section of the report. */
export async function benchHttp(): Promise<string> {
  const products = 50_000;
  const results = await measureHttp({ products, seconds: 8, variants: VARIANTS });
  const rows = results.map((one) => [
    one.name,
    Math.round(one.requestsPerSecond).toLocaleString('en'),
    ...[one.p50, one.p95, one.p99].map((ms) => formatTime(ms * 1000)),
    formatTime(one.cpuPerRequest),
    String(one.errors),
  ]);
  const head = ['server', 'requests/s', 'p50', 'p95', 'p99', 'server CPU per request', 'errors'];
  return `### HTTP, keystrokes over ${products.toLocaleString('en')} products, 16 connections, load generator on the same machine\n\n${table(head, rows)}`;
}
