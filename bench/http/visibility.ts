import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatTime, table } from '../processes';
import { startServer } from './server';

export interface VisibilityResult {
  readonly name: string;
  /** From the answer to the change until a suggestion shows it, milliseconds. */
  readonly p50: number;
  readonly p95: number;
}

const WORDS = ['oatcake', 'flapjack', 'parkin', 'gingernut', 'shortbread', 'marmalade', 'piccalilli', 'lapsang'];

/**
 * How soon a committed change of a product shows in suggestions: in the process that made it, and in a second one on the
 * same database. Each change is a PATCH over HTTP; both processes are then asked every few milliseconds.
 */
export async function measureVisibility(changes: number): Promise<VisibilityResult[]> {
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
      const delays = await changeAndWatch(first.url, [first.url, second.url], token, changes);
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
  url: string,
  watched: readonly string[],
  token: string,
  changes: number,
): Promise<number[][]> {
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
    await Promise.all(watched.map(async (one, at) => delays[at]?.push(await shownAfter(one, name, start))));
  }
  return delays;
}

async function shownAfter(url: string, name: string, start: number): Promise<number> {
  for (;;) {
    const answer = await fetch(`${url}/v1/suggestions?${new URLSearchParams({ q: name, limit: '1' }).toString()}`);
    if ((await answer.text()).includes(`"${name}"`)) return performance.now() - start;
    if (performance.now() - start > 30_000) throw new Error(`"${name}" did not appear within 30 s`);
    await sleep(2);
  }
}

/** The section of the report. */
export async function benchVisibility(): Promise<string> {
  const rows = (await measureVisibility(100)).map(({ name, p50, p95 }) => [
    name,
    ...[p50, p95].map((ms) => formatTime(ms * 1000)),
  ]);
  return `### From a committed change to the suggestion that shows it\n\n${table(['asked of', 'p50', 'p95'], rows)}`;
}
