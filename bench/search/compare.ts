import { formatTime, runWorker, table } from '../processes';
import type { SearchResult } from './worker';

/** `npm run bench -- search`: how long a page of results with all facets takes, by what is asked. */
export async function benchSearch(size = 1_000_000, each = 200): Promise<string> {
  const args = [String(size), String(each)];
  const { times, figures } = await runWorker<SearchResult>('bench/search/worker.ts', args, {
    EASY11_BACKEND: 'native',
  });
  const rows = Object.entries(times).map(([shape, { p50, p95, most, matches }]) => [
    shape,
    matches.toLocaleString('en'),
    formatTime(p50),
    formatTime(p95),
    formatTime(most),
  ]);
  const more = Object.entries(figures).map(([name, value]) => [name, value.toPrecision(3)]);
  return [
    `### Results with all facets and a price histogram, ${size.toLocaleString('en')} products, time of the processor a page`,
    table(['asked', 'products that match, mean', 'p50', 'p95', 'most'], rows),
    table(['', ''], more),
  ].join('\n\n');
}
