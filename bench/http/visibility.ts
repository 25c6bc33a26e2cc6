import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatTime, table } from '../processes';
import { startServer } from './server';

export interface VisibilityResult {
  readonly name: string;
  /** From the answer to the change until it is shown, milliseconds. */
  readonly p50: number;
  readonly p95: number;
}

const WORDS = ['oatcake', 'flapjack', 'parkin', 'gingernut', 'shortbread', 'marmalade', 'piccalilli', 'lapsang'];

/**
 * How soon a committed change of a product shows in suggestions: in the process that made it, and in a second one on the
 * same database. Each change is a PATCH over HTTP; both processes are then asked every few milliseconds.
 */
export const measureVisibility = (changes: number): Promise<VisibilityResult[]> =>
  inTwoProcesses((urls, token) => changeAndWatch(urls, token, changes));

/** How soon an adjustment of stock shows in the results of a search: the only unit of a product comes and goes, `inStock=true` finds it or not. */
export const measureStockVisibility = (changes: number): Promise<VisibilityResult[]> =>
  inTwoProcesses((urls, token) => adjustAndWatch(urls, token, changes));

/** Runs a measurement against two processes on one database; it resolves to the delays that were seen in each. */
async function inTwoProcesses(
  measure: (urls: readonly [first: string, second: string], token: string) => Promise<number[][]>,
): Promise<VisibilityResult[]> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'easy11-bench-'));
  chmodSync(data, 0o755); // the embedded PostgreSQL runs as another user when root starts it
  const shared = {
    PORT: '0',
    LOG_LEVEL: 'warn',
    EASY11_DATA_DIR: data,
    EASY11_DEMO_PRODUCTS: '500',
  };
  const first = await startServer(['scripts/run.cjs', 'start'], { ...shared, DATABASE_URL: '' });
  try {
    const database = readFileSync(path.join(data, 'postgres.url'), 'utf8').trim();
    const second = await startServer(['scripts/run.cjs', 'start'], { ...shared, DATABASE_URL: database });
    try {
      const token = readFileSync(path.join(data, 'admin-token'), 'utf8').trim();
      const delays = await measure([first.url, second.url], token);
      return ['the process that made the change', 'a second process on the same database'].map((name, i) => {
        const sorted = (delays[i] ?? []).sort((a, b) => a - b);
        const at = (q: number): number => sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN;
        return { name, p50: at(0.5), p95: at(0.95) };
      });
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

async function changeAndWatch(
  watched: readonly [first: string, second: string],
  token: string,
  changes: number,
): Promise<number[][]> {
  const [url] = watched;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const list = (await (await fetch(`${url}/v1/products?limit=1`)).json()) as { data: { id: string }[] };
  const id = list.data[0]?.id ?? '';
  const delays: number[][] = watched.map(() => []);
  for (let i = 0; i < changes; i++) {
    const name = `${WORDS[i % WORDS.length]} number ${i}`;
    const { headers: now } = await fetch(`${url}/v1/products/${id}`);
    const changed = await fetch(`${url}/v1/admin/products/${id}`, {
      method: 'PATCH',
      headers: { ...headers, 'if-match': now.get('etag') ?? '' },
      body: JSON.stringify({ name }),
    });
    if (changed.status !== 200) throw new Error(`the change was answered ${changed.status}: ${await changed.text()}`);
    const start = performance.now();
    const query = new URLSearchParams({ q: name, limit: '1' }).toString();
    const shows = (answer: string): boolean => answer.includes(`"${name}"`);
    await Promise.all(
      watched.map(async (one, at) =>
        delays[at]?.push(await shownAfter(`${one}/v1/suggestions?${query}`, shows, start)),
      ),
    );
  }
  return delays;
}

async function adjustAndWatch(
  watched: readonly [first: string, second: string],
  token: string,
  changes: number,
): Promise<number[][]> {
  const [url] = watched;
  const post = async (where: string, body: unknown): Promise<void> => {
    const answer = await fetch(`${url}/v1/admin${where}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`${where} was answered ${answer.status}: ${await answer.text()}`);
  };
  const answer = await fetch(`${url}/v1/admin/warehouses`, { headers: { authorization: `Bearer ${token}` } });
  const warehouseId = ((await answer.json()) as { data: { id: string }[] }).data[0]?.id;
  const sku = 'LAPSANG-1';
  await post('/products', { sku, name: 'Lapsang', price: { amount: 900, currency: 'GBP' }, status: 'active' });
  const delays: number[][] = watched.map(() => []);
  // The first change brings the count into being, and is not measured.
  for (let i = 0; i <= changes; i++) {
    const quantity = i % 2 === 0 ? 1 : -1;
    await post('/stock/adjustments', { warehouseId, kind: 'count', lines: [{ sku, quantity }] });
    const start = performance.now();
    const shows = (found: string): boolean => found.includes(`"sku":"${sku}"`) === quantity > 0;
    await Promise.all(
      watched.map(async (one, at) => {
        const took = await shownAfter(`${one}/v1/search?q=${sku}&inStock=true&limit=1`, shows, start);
        if (i > 0) delays[at]?.push(took);
      }),
    );
  }
  return delays;
}

async function shownAfter(address: string, shows: (answer: string) => boolean, start: number): Promise<number> {
  for (;;) {
    const answer = await fetch(address);
    if (shows(await answer.text())) return performance.now() - start;
    if (performance.now() - start > 30_000) throw new Error(`${address} did not show the change within 30 s`);
    await sleep(2);
  }
}

/** The section of the report. */
export async function benchVisibility(): Promise<string> {
  const sections: string[] = [];
  for (const [title, measure] of [
    ['From a committed change to the suggestion that shows it', measureVisibility],
    ['From an adjustment of stock to the search for what is in stock (goal: 500 ms)', measureStockVisibility],
  ] as const) {
    const rows = (await measure(100)).map(({ name, p50, p95 }) => [
      name,
      ...[p50, p95].map((ms) => formatTime(ms * 1000)),
    ]);
    sections.push(`### ${title}\n\n${table(['asked of', 'p50', 'p95'], rows)}`);
  }
  return sections.join('\n\n');
}
