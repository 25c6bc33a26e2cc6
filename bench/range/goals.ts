import { formatTime } from '../processes';
import { all, atLeast, atMost, type Verdict } from '../verdict';
import type { Changes } from './changes';
import type { Scan } from './scan';
import type { Result } from './worker';

/** What a run of the bench found. */
export interface Found {
  readonly results: readonly Result[];
  readonly scan: Scan | undefined;
  /** By backend. */
  readonly changes: Readonly<Record<string, Changes>>;
  /** Check sums that differ. */
  readonly differing: number;
}

const PEERS = [
  ['sorted', 'JS sorted'],
  ['crossfilter', 'crossfilter2'],
  ['sqlite', 'SQLite'],
  ['duckdb', 'DuckDB'],
] as const;
const SCANNED = ['count', 'aggregate', 'top', 'facets'] as const;

const times = (ratio: number | undefined): string =>
  ratio === undefined ? '–' : `${Number(ratio.toPrecision(3)).toLocaleString('en')}×`;
const show = (time: number | undefined): string => (time === undefined ? '–' : formatTime(time));

/** The eleven goals of RangeIndex with what this run says of each. O(1). */
export function goalsOf({ results, scan, changes, differing }: Found): Verdict[] {
  const of = (contender: string): Result | undefined => results.find((one) => one.contender === contender);
  const at = (contender: string, key: string): number | undefined =>
    contender === 'scan' ? scan?.times[key] : of(contender)?.times[key];
  const more = of('native')?.more;
  const ratio = (over: string, under: string, key: string): number | undefined => {
    const [a, b] = [at(over, key), at(under, key)];
    return a === undefined || b === undefined ? undefined : a / b;
  };
  const beside = (...keys: string[]): string =>
    PEERS.filter(([peer]) => of(peer))
      .map(([peer, name]) => `${name} ${keys.map((key) => show(at(peer, key))).join(', ')}`)
      .join('; ') || '–';
  const peers = (figure: (result: Result) => string): string =>
    PEERS.flatMap(([peer, name]) => {
      const result = of(peer);
      return result ? [`${name} ${figure(result)}`] : [];
    }).join('; ') || '–';
  /** A bound for one question at 10 % and at 50 %. */
  const both = (goal: string, question: string, ...bounds: [number, number]): Verdict => {
    const keys = [`${question} 0.1`, `${question} 0.5`] as const;
    return {
      goal: `${goal}, 10 % and 50 %`,
      threshold: [...new Set(bounds)].map(formatTime).join(', '),
      measured: keys.map((key) => show(at('native', key))).join(', '),
      beside: beside(...keys),
      isMet: all(keys.map((key, i) => atMost(at('native', key), bounds[i] as number))),
    };
  };
  const against = (peer: string, name: string, least: number): Verdict => ({
    goal: `2. top 20 at 10 % against ${name}`,
    threshold: `≥ ${least.toLocaleString('en')}×`,
    measured: times(ratio(peer, 'native', 'top 0.1')),
    beside: show(at(peer, 'top 0.1')),
    isMet: atLeast(ratio(peer, 'native', 'top 0.1'), least),
  });
  /** A far page against the first. */
  const pages = (goal: string, far: string, first: string): Verdict => {
    const [a, b] = [at('native', far), at('native', first)];
    return {
      goal: `7. ${goal} against page 1`,
      threshold: '1×, up to 1.25× for noise',
      measured: `${show(a)}, ${show(b)}`,
      beside: beside(far),
      isMet: a === undefined || b === undefined ? undefined : a <= 1.25 * b,
    };
  };
  const within = (goal: string, key: string, bound: number): Verdict => ({
    goal,
    threshold: formatTime(bound),
    measured: show(at('native', key)),
    beside: beside(key),
    isMet: atMost(at('native', key), bound),
  });
  const figure = (
    goal: string,
    threshold: string,
    value: number | undefined,
    text: string,
    bound: number,
    next: string,
  ): Verdict => ({
    ...{ goal, threshold, measured: value === undefined ? '–' : text, beside: next },
    isMet: atMost(value, bound),
  });
  const scanned = SCANNED.flatMap((question) => [0.1, 0.5].map((share) => `${question} ${share}`));
  const speedups = scanned.map((key) => ratio('scan', 'native', key));
  const slowdowns = scanned.map((key) => ratio('fallback', 'native', key));
  const { native, fallback } = changes;
  const five = at('native', 'facets of five');
  const isSame = native && fallback ? native.digest === fallback.digest : undefined;
  const wrong = native && fallback ? native.differences + fallback.differences : native?.differences;
  return [
    both('1. count', 'count', 0.25, 0.25),
    both('1. count, sum, min, max, avg', 'aggregate', 0.7, 0.7),
    both('2. top 20', 'top', 1.5, 1.5),
    against('sorted', 'JS sorted columns', 150),
    against('duckdb', 'DuckDB', 1_500),
    against('crossfilter', 'crossfilter2', 3_500),
    both('3. 200 facet counts', 'facets', 1, 1),
    both('4. page', 'page', 60, 200),
    figure(
      '5. change of a price, mean',
      '2 µs',
      more?.updateMean,
      show(more?.updateMean),
      2,
      peers(({ update }) => show(update)),
    ),
    figure('5. change of a price, p99 by the clock', '20 µs', more?.updateP99, show(more?.updateP99), 20, '–'),
    {
      goal: `6. answers after ${(native ?? fallback)?.changes.toLocaleString('en') ?? '100,000'} changes`,
      threshold: '0 differences, native = fallback to the bit',
      measured: native
        ? `${wrong} differences in ${(native.answers + (fallback?.answers ?? 0)).toLocaleString('en')}, native ${isSame === undefined ? '?' : isSame ? '=' : '≠'} fallback`
        : '–',
      beside: 'a look at every row; after 1,000,000: native/test/range_test.cpp',
      isMet: all([atMost(wrong, 0), isSame]),
    },
    {
      goal: '1–9. check sums of all contenders',
      threshold: '0 differ',
      measured: `${differing} differ`,
      beside: 'the table of check sums',
      isMet: differing === 0,
    },
    pages('page 10,000 by offset', 'page 10,000', 'first page'),
    pages('two conditions more, behind a row (cursor)', 'filtered: behind a row', 'filtered: first page'),
    pages('two conditions more, page 10,000 by offset', 'filtered: page 10,000', 'filtered: first page'),
    within('8. 50 bins of equal width', 'equal width', 10),
    within('8. 50 bins of equal depth', 'equal depth', 10),
    within('8. median of a range (no figure is asked: O(log n))', 'median', 10),
    {
      goal: '9. facets of five attributes against a page of the same conditions',
      threshold: '3×',
      measured:
        five === undefined || !more
          ? '–'
          : `${times(five / more.pageOfFive)} (${show(five)} ÷ ${show(more.pageOfFive)})`,
      beside: beside('facets of five'),
      isMet: five === undefined || !more ? undefined : five <= 3 * more.pageOfFive,
    },
    figure(
      '10. bulk load',
      '0.5 s',
      more?.loadSeconds,
      `${more?.loadSeconds.toPrecision(3)} s by the clock, ${more?.loadCpuSeconds.toPrecision(3)} of the processor`,
      0.5,
      peers(({ buildSeconds }) => `${buildSeconds.toPrecision(3)} s`),
    ),
    figure(
      '10. bytes a row',
      '64',
      more?.bytesPerRow,
      more?.bytesPerRow.toPrecision(3) ?? '',
      64,
      peers(({ residentBytes }) => `${Math.round(residentBytes)}`),
    ),
    {
      goal: `11. goals 1–3 against the ${scan?.name ?? 'scan'}`,
      threshold: '≥ 50×',
      measured: scanned
        .map(
          (key, i) =>
            `${key.replace(/ (.*)/, (_, share: string) => ` ${Number(share) * 100} %`)} ${times(speedups[i])}`,
        )
        .join(', '),
      beside: scanned.map((key) => show(at('scan', key))).join(', '),
      isMet: all(speedups.map((speedup) => atLeast(speedup, 50))),
    },
    {
      goal: 'fallback against native, goals 1–3, 10 % and 50 %',
      threshold: '5×',
      measured: SCANNED.map(
        (question, i) => `${question} ${times(slowdowns[2 * i])}, ${times(slowdowns[2 * i + 1])}`,
      ).join('; '),
      beside: '–',
      isMet: all(slowdowns.map((slowdown) => atMost(slowdown, 5))),
    },
  ];
}
