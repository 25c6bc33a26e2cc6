import { runWorker, table, formatTime } from '../processes';
import { QUESTIONS } from './contender';
import type { Result } from './worker';

export const CONTENDERS = ['native', 'fallback', 'sorted', 'crossfilter', 'sqlite', 'duckdb'] as const;

/** One process a contender, one after the other. */
export async function compareRange(size: number, contenders: readonly string[], budget: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const contender of contenders) {
    const backend = contender === 'fallback' ? 'fallback' : 'native';
    const args = [contender, String(size), String(budget)];
    results.push(await runWorker<Result>('bench/range/worker.ts', args, { EASY11_BACKEND: backend }));
  }
  return results;
}

/** Whether every contender that answers a question gives the same sum. */
export function agree(results: readonly Result[], key: string): boolean {
  const sums = results.map(({ checks }) => checks[key]).filter((sum) => typeof sum === 'number');
  return sums.length > 0 && sums.every((sum) => sum === sums[0]);
}

/** `npm run bench -- range`: every contender and what a scan at the speed of memory could do. */
export async function benchRange(size = 1_000_000, contenders: readonly string[] = CONTENDERS): Promise<string> {
  const results = await compareRange(size, contenders, 300);
  const scan = await runWorker<Record<string, number>>('bench/range/scan.ts', [String(size)]);
  const rows = [0.1, 0.5].flatMap((share) =>
    QUESTIONS.map((question) => {
      const key = `${question} ${share}`;
      const cells = results.map(({ times }) => {
        const time = times[key];
        return typeof time === 'number' && time > 0 ? formatTime(time) : '–';
      });
      const limit = scan[key];
      return [
        `${question}, ${share * 100} %`,
        ...cells,
        limit === undefined ? '–' : formatTime(limit),
        agree(results, key) ? 'same' : 'DIFFER',
      ];
    }),
  );
  const updates = ['update of a price', ...results.map(({ update }) => (update ? formatTime(update) : '–')), '–', ''];
  const head = ['', ...contenders, `${scan['isa'] === 2 ? 'AVX-512' : 'AVX2 or scalar'} scan`, 'check sums'];
  const more = results
    .filter((result) => result.more)
    .map(({ contender, more }) => {
      const lines = Object.entries(more ?? {}).map(([name, value]) => [name, (value as number).toPrecision(3)]);
      return `${contender}, further figures (µs of the processor, unless named otherwise):\n\n${table(['', contender], lines)}`;
    });
  return `### RangeIndex, ${size.toLocaleString('en')} products, µs of the processor a query\n\n${table(head, [...rows, updates])}\n\n${more.join('\n\n')}`;
}
