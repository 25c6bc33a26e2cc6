import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatTime, installPeers, machine, runWorker, table } from '../processes';
import type { SearchResult, ShapeResult } from './worker';

const GUIDE = path.join(__dirname, '../../docs/guides/search.md');
const [BEGIN, END] = ['<!-- measured: npm run bench -- search --write -->\n', '\n<!-- end of measured -->'];

/** `npm run bench -- search`: how long a page of results with all facets takes, by what is asked, beside SQLite. */
export async function benchSearch(size = 1_000_000, each = 200): Promise<string> {
  const args = [String(size), String(each)];
  const env = { EASY11_BACKEND: 'native' };
  const ours = await runWorker<SearchResult>('bench/search/worker.ts', ['ours', ...args], env);
  const sqlite = (await installPeers())
    ? await runWorker<SearchResult>('bench/search/worker.ts', ['sqlite', ...args], env)
    : undefined;
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
    `${roundly(size)} products, ${each} questions a line, on ${machine()}.`,
    table(sqlite ? [...head, 'SQLite p50', 'SQLite p95', 'SQLite right'] : head, rows),
    table(sqlite ? ['', 'ours', 'SQLite'] : ['', 'ours'], figures),
  ].join('\n\n');
}

/** Puts what was measured into the guide, in place of what stands there. */
export function writeGuide(measured: string): void {
  const guide = readFileSync(GUIDE, 'utf8');
  const [begin, end] = [guide.indexOf(BEGIN), guide.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${GUIDE} has no place for what was measured`);
  writeFileSync(GUIDE, `${guide.slice(0, begin + BEGIN.length)}\n${measured}\n${guide.slice(end)}`);
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
