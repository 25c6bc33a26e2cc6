import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatTime, installPeers, machine, runWorker, table } from '../processes';
import { writeMeasured } from '../written';
import type { SearchResult, ShapeResult } from './worker';

const RESULTS = path.join(__dirname, '../results');

export interface SearchBenchOptions {
  readonly size: number;
  /** Questions a shape, and how many of them are compared with the truth. */
  readonly each: number;
  readonly checked: number;
  /** Measures one contender and takes the other from its last run, if it was of as many products. */
  readonly only?: string | undefined;
}

/** `npm run bench -- search`: how long a page of results with all facets takes, by what is asked, beside SQLite. */
export async function benchSearch(options: SearchBenchOptions): Promise<string> {
  const { size } = options;
  const ours = await resultOf('ours', options);
  const sqlite = (await installPeers()) ? await resultOf('sqlite', options) : undefined;
  if (!ours) return 'Not measured: ours';
  const fewer = sqlite && sqlite.each !== ours.each ? ` (SQLite: ${sqlite.each})` : '';
  const rows = Object.entries(ours.shapes).map(([shape, result]) => [
    shape,
    roundly(result.matches),
    ...cells(result),
    ...(sqlite ? cells(sqlite.shapes[shape] as ShapeResult) : []),
  ]);
  const head = ['Asked', 'Products that match', 'p50', 'p95', 'right'];
  const names = Object.keys(ours.figures);
  const figures = names.map((name) => [name, ...[ours, sqlite].flatMap((one) => (one ? figure(one, name) : []))]);
  return [
    `${roundly(size)} products, ${ours.each} questions a line${fewer}, on ${machine()}.`,
    table(sqlite ? [...head, 'SQLite p50', 'SQLite p95', 'SQLite right'] : head, rows),
    table(sqlite ? ['', 'ours', 'SQLite'] : ['', 'ours'], figures),
  ].join('\n\n');
}

/** What came of how many questions a shape. */
type Kept = SearchResult & { readonly size: number; readonly each: number };

/** Measures a contender and keeps what came out; with `only` another, what was kept, if it is of as many products. */
async function resultOf(
  contender: string,
  { size, each, checked, only }: SearchBenchOptions,
): Promise<Kept | undefined> {
  const file = path.join(RESULTS, `search-${contender}.tmp`);
  const args = [size, each, checked].map(String);
  if (only !== undefined && only !== contender) {
    if (!existsSync(file)) return undefined;
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Kept;
    return kept.size === size ? kept : undefined;
  }
  const env = { EASY11_BACKEND: 'native' };
  const result = await runWorker<SearchResult>('bench/search/worker.ts', [contender, ...args], env);
  const kept = { ...result, size, each };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(file, JSON.stringify(kept));
  return kept;
}

/** Puts what was measured into the guide, in place of what stands there. */
export function writeGuide(measured: string): void {
  writeMeasured('docs/guides/search.md', 'npm run bench -- search --write', measured);
}

const cells = ({ p50, p95, right }: ShapeResult): string[] => [
  formatTime(p50),
  formatTime(p95),
  `${Math.round(right * 100)} %`,
];

const figure = ({ figures }: SearchResult, name: string): string => {
  const value = figures[name];
  return value === undefined ? '–' : roundly(value);
};

/** Three significant digits. */
const roundly = (count: number): string => Number(count.toPrecision(3)).toLocaleString('en');
