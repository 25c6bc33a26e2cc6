import { formatTime, machine, runWorker, table } from '../processes';
import { printVerdicts } from '../verdict';
import type { Changes } from './changes';
import { deepOffset, FURTHER, QUESTIONS } from './contender';
import { goalsOf } from './goals';
import type { Scan } from './scan';
import type { Result } from './worker';

export const CONTENDERS = ['native', 'fallback', 'sorted', 'crossfilter', 'sqlite', 'duckdb'] as const;
const backendOf = (contender: string): string => (contender === 'fallback' ? 'fallback' : 'native');

/** One process a contender, one after the other. */
export async function compareRange(size: number, contenders: readonly string[], budget: number): Promise<Result[]> {
  const results: Result[] = [];
  for (const contender of contenders) {
    const args = [contender, String(size), String(budget)];
    results.push(await runWorker<Result>('bench/range/worker.ts', args, { EASY11_BACKEND: backendOf(contender) }));
  }
  return results;
}

type Checked = Pick<Result, 'checks'> | Pick<Scan, 'checks'>;

/** Whether every contender that answers a question gives the same sum. */
export function agree(results: readonly Checked[], key: string): boolean {
  const sums = results.map(({ checks }) => checks[key]).filter((sum) => typeof sum === 'number');
  return sums.length > 0 && sums.every((sum) => sum === sums[0]);
}

interface RangeBench {
  readonly report: string;
  /** The few lines of it that the README shows. */
  readonly short: string;
}

/** `npm run bench -- range`: every contender, what a scan at the speed of memory could do, and the goals. */
export async function benchRange(size = 1_000_000, contenders: readonly string[] = CONTENDERS): Promise<RangeBench> {
  const results = await compareRange(size, contenders, 300);
  const scan = await runWorker<Scan>('bench/range/scan.ts', [String(size)]);
  const changes: Record<string, Changes> = {};
  for (const backend of contenders.filter((one) => one === 'native' || one === 'fallback'))
    changes[backend] = await runWorker<Changes>('bench/range/changes.ts', [], { EASY11_BACKEND: backend });
  const asked = [0.1, 0.5].flatMap((share) =>
    QUESTIONS.map((question) => ({ key: `${question} ${share}`, label: `${question}, ${share * 100} %` })),
  );
  const further = FURTHER.map((question) => ({ key: question, label: `${question}, 50 %` }));
  const everybody = [...results, scan];
  const time = (times: Scan['times'], key: string): string => {
    const value = times[key];
    return value ? formatTime(value) : '–';
  };
  const rows = [...asked, ...further].map(({ key, label }) => [
    label,
    ...everybody.map(({ times }) => time(times, key)),
    agree(everybody, key) ? 'same' : 'DIFFER',
  ]);
  const each = (figure: (result: Result) => string): string[] => [...results.map(figure), '–', ''];
  const figures = [
    ['change of a price', ...each(({ update }) => (update ? formatTime(update) : '–'))],
    ['load, s', ...each(({ more, buildSeconds }) => (more?.loadSeconds ?? buildSeconds).toPrecision(3))],
    ['resident bytes a row', ...each(({ residentBytes }) => residentBytes.toFixed(0))],
    ['of them in the index', ...each(({ more }) => more?.bytesPerRow.toFixed(1) ?? '–')],
  ];
  const keys = Object.keys(results[0]?.checks ?? {});
  const differing = keys.filter((key) => !agree(everybody, key)).length;
  const sums = keys.map((key) => [key, ...everybody.map(({ checks }) => String(checks[key] ?? '–'))]);
  const names = [...contenders, scan.name];
  const title = `RangeIndex, ${size.toLocaleString('en')} products`;
  const report = [
    `### ${title}, µs of the processor a query`,
    table(['', ...names, 'check sums'], [...rows, ...figures]),
    'Check sums over eight ranges each ("–": not asked, or no such question):',
    table(['', ...names], sums),
    'Goals',
    printVerdicts(goalsOf({ results, scan, changes, differing })),
  ].join('\n\n');
  // A smaller catalogue has no page 10,000.
  const page = `page ${(deepOffset(size) / 20 + 1).toLocaleString('en')}`;
  const named = (text: string): string => text.replaceAll('page 10,000', page);
  return { report: named(report), short: named(shortly(results, size)) };
}

const SHORT = [
  ['how many in a price range', 'count'],
  ['their count, sum, least, greatest, mean of rating', 'aggregate'],
  ['the 20 most popular of them', 'top'],
  ['counts of 200 categories', 'facets'],
  ['a page with two conditions more: total, 20, categories, histogram', 'page'],
] as const;

/** Seven lines for the README: the questions at 10 % and 50 % of the rows, a page far behind, a change. */
function shortly(results: readonly Result[], size: number): string {
  const of = ({ times }: Result, ...keys: string[]): string =>
    keys.map((key) => (times[key] ? formatTime(times[key]) : '–')).join(' / ');
  const rows = [
    ...SHORT.map(([label, key]) => [label, ...results.map((one) => of(one, `${key} 0.1`, `${key} 0.5`))]),
    ['page 10,000 by price', ...results.map((one) => of(one, 'page 10,000'))],
    ['a price changes, everything kept exact', ...results.map(({ update }) => (update ? formatTime(update) : '–'))],
  ];
  const names = new Map<string, string>([
    ['native', '**easy11 native**'],
    ['fallback', '**easy11 fallback**'],
    ['sorted', 'sorted columns, JavaScript'],
    ['crossfilter', 'crossfilter2'],
    ['sqlite', 'SQLite'],
    ['duckdb', 'DuckDB'],
  ]);
  const head = table(['', ...results.map(({ contender }) => names.get(contender) ?? contender)], rows);
  return `${size.toLocaleString('en')} products on ${machine()}, 10 % / 50 % of them in the range:\n\n${head}`;
}
