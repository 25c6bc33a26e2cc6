import { formatTime } from '../processes';
import { all, atLeast, atMost, type Verdict } from '../verdict';
import type { Found } from './compare';
import { CONTENDERS, type Name } from './contenders';

const ABROAD = 'not run here (Python, C++)';
const show = (value: number | undefined): string =>
  value === undefined ? '–' : Number(value.toPrecision(3)).toLocaleString('en');
const percent = (share: number | undefined): string =>
  share === undefined ? '–' : `${(100 * share).toPrecision(4)} %`;

/** The eleven goals of AlsModel with what this run says of each. O(1). */
export function goalsOf({ costs, queries, losses, quality, figures }: Found): Verdict[] {
  /** CPU of one over that of another by "shape factors", of those shapes, and of all lengths but where one is named. */
  const ratios = (over: Name, under: Name, shapes: string, factors?: number): { key: string; value: number }[] =>
    Object.entries(costs).flatMap(([key, row]) => {
      const [shape = '', f] = key.split(' ');
      const [a, b] = [row[over]?.cpuSeconds, row[under]?.cpuSeconds];
      const isWanted = shapes.includes(shape) && (factors === undefined || Number(f) === factors);
      return isWanted && a && b ? [{ key, value: a / b }] : [];
    });
  const list = (of: readonly { key: string; value: number }[]): string =>
    of.map(({ key, value }) => `${key} ${show(value)}×`).join(', ') || '–';
  const least = (of: readonly { value: number }[]): number | undefined =>
    of.length === 0 ? undefined : Math.min(...of.map(({ value }) => value));
  const abroad = (goal: string, threshold: string, shapes: string, ours: Name, factors?: number): Verdict => ({
    ...{ goal, threshold, measured: '–', isMet: undefined },
    beside: `${ABROAD}; JavaScript CG ÷ ${ours}: ${list(ratios('plain', ours, shapes, factors))}`,
  });
  const against = (goal: string, threshold: number, peer: Name, ours: Name, shapes: string): Verdict => {
    const of = ratios(peer, ours, shapes);
    const seconds = Object.entries(costs).flatMap(([key, row]) =>
      row[peer] && of.some((one) => one.key === key) ? [`${key} ${show(row[peer].cpuSeconds)} s`] : [],
    );
    return {
      ...{ goal, threshold: `≥ ${threshold}×`, measured: list(of), isMet: atLeast(least(of), threshold) },
      beside: `${CONTENDERS[peer].label}: ${seconds.join(', ') || '–'}`,
    };
  };
  const asked = Object.entries(queries);
  /** The worst of what was asked, of the shapes and lengths that a goal is about. */
  const query = (
    goal: string,
    isWanted: (key: string) => boolean,
    key: 'foldIn' | 'filtered',
    bound: number,
  ): Verdict => {
    const of = asked.filter(([name]) => isWanted(name));
    const worst = of.length === 0 ? undefined : Math.max(...of.map(([, one]) => one[key].p50));
    return {
      ...{ goal, threshold: formatTime(bound), beside: '–', isMet: atMost(worst, bound) },
      measured: of.map(([name, one]) => `${name} ${formatTime(one[key].p50)}`).join(', ') || '–',
    };
  };
  const error = (goal: string, threshold: number, key: 'foldInError' | 'exactError'): Verdict => {
    const worst = asked.length === 0 ? undefined : Math.max(...asked.map(([, one]) => one[key]));
    return {
      ...{ goal, threshold: threshold.toExponential(0), beside: 'Cholesky in double precision, 40 users' },
      measured: worst?.toExponential(1) ?? '–',
      isMet: atMost(worst, threshold),
    };
  };
  const last = (name: Name): number | undefined => losses[name]?.at(-1);
  const loss = last('fast');
  const others = [last('plain'), last('libmf')].filter((value) => value !== undefined);
  const named = (label: string): string =>
    quality[label] ? `${label} ${quality[label].recall.toFixed(4)}, ${quality[label].ndcg.toFixed(4)}` : '';
  const ratio = (label: string, other: string, figure: 'recall' | 'ndcg'): number | undefined => {
    const [a, b] = [quality[label]?.[figure], quality[other]?.[figure]];
    return a === undefined || b === undefined ? undefined : a / b;
  };
  const ranks = ['native fast', 'JavaScript CG', 'libmf', 'item-item cosine', 'most popular'];
  const long = costs['B 512']?.fast;
  const differing = asked.length === 0 ? undefined : asked.reduce((sum, [, one]) => sum + one.differing, 0);
  const { loop, threads, incremental, file, tune } = figures;
  const twins = (['recall', 'ndcg'] as const).map((figure) => {
    const [a, b] = [quality['native fast']?.[figure], quality['fallback fast']?.[figure]];
    return a === undefined || b === undefined ? undefined : Math.abs(a - b);
  });
  const warm = Object.entries(incremental ?? {});
  const shares = (of: 'ndcg' | 'cost'): string | undefined =>
    warm.map(([key, one]) => `${key} ${percent(one[of])}`).join(', ') || undefined;
  const figure = (
    goal: string,
    threshold: string,
    measured: string | undefined,
    isMet: boolean | undefined,
    beside = '–',
  ): Verdict => ({
    ...{ goal, threshold, measured: measured ?? '–', beside, isMet },
  });
  return [
    abroad('1. fast against implicit CG(3)', '≥ 4× A, 2.5× B, 3× C', 'ABC', 'fast'),
    abroad('1. fast against irspack CG(3)', '≥ 2× A and C', 'AC', 'fast'),
    against('1. fast against libmf, A and B', 50, 'libmf', 'fast', 'AB'),
    figure(
      '1. loss after the last iteration',
      'no higher than theirs',
      loss === undefined ? undefined : show(loss),
      loss === undefined || others.length === 0 ? undefined : others.every((value) => loss <= value * 1.0001),
      `JavaScript CG ${show(last('plain'))}, libmf ${show(last('libmf'))}`,
    ),
    error('2. exact, relative error of scores', 1e-4, 'exactError'),
    abroad('2. exact against google iALS, B', '≥ 7× at 128', 'B', 'exact', 128),
    abroad('2. exact against google iALS, B', '≥ 16× at 256', 'B', 'exact', 256),
    abroad('2. exact against irspack CG from 256 factors on', '≤ 1×', 'B', 'exact', 512),
    figure(
      '3. Recall@20 and NDCG@20 against google iALS',
      '− 0.3 %',
      named('native fast') || undefined,
      undefined,
      `${ABROAD}; ${ranks.slice(1).map(named).filter(Boolean).join('; ')}`,
    ),
    figure(
      '3. the same against the JavaScript CG, which computes the same',
      '− 0.3 %',
      (['recall', 'ndcg'] as const).map((one) => percent(ratio('native fast', 'JavaScript CG', one))).join(', '),
      all((['recall', 'ndcg'] as const).map((one) => atLeast(ratio('native fast', 'JavaScript CG', one), 0.997))),
      named('JavaScript CG') || '–',
    ),
    figure(
      '3. 16 iterations of B 512 on two cores, by the clock',
      '60 s',
      long && `${show(16 * long.wallSeconds)} s`,
      atMost(long && 16 * long.wallSeconds, 60),
      'NDCG@20 within 3 % of LightGCN: on the public split, by `npm run als`',
    ),
    query('4. fold-in of 20 items at 128 factors, p50', (key) => key.endsWith(' 128'), 'foldIn', 6),
    query('4. fold-in of 20 items at 256 factors, p50', (key) => key.endsWith(' 256'), 'foldIn', 12),
    error('4. fold-in, relative error of scores', 1e-5, 'foldInError'),
    query(
      '5. top 20 of 41,000 at 128, without what was bought, live predicate, p50',
      (key) => key === 'B 128',
      'filtered',
      150,
    ),
    query('5. top 20 of 1,000,000 at 64, the same, p50', (key) => key === 'D 64', 'filtered', 5_000),
    figure(
      '5. lists against scoring everything',
      '0 differ',
      differing?.toString(),
      atMost(differing, 0),
      `${asked.reduce((sum, [, { lists }]) => sum + lists, 0)} lists`,
    ),
    figure(
      '6. event-loop delay p99 while C 64 is learnt',
      '3 ms',
      loop && `${show(loop.delayP99)} ms`,
      atMost(loop?.delayP99, 3),
      '1 ms of it is the timer',
    ),
    figure(
      '6. progress of two iterations, one each half step',
      '4 reports',
      loop && String(loop.reports),
      loop && loop.reports >= 4,
    ),
    figure(
      '6. abort amid a half step of C 64',
      '50 ms',
      loop && (loop.aborted === undefined ? 'it had ended before' : `${show(loop.aborted)} ms`),
      atMost(loop?.aborted, 50),
    ),
    figure(
      '7. factors of A 64 at 1, 2 and 4 threads',
      'the same bits',
      threads && `${threads.differing} of ${threads.trainings} trainings differ`,
      atMost(threads?.differing, 0),
    ),
    figure(
      '7. Recall@20 and NDCG@20, native against TypeScript',
      '1e-3',
      twins.map((off) => off?.toExponential(1) ?? '–').join(', '),
      all(twins.map((off) => atMost(off, 1e-3))),
    ),
    against('7. fallback against the JavaScript CG, A', 2, 'plain', 'fallback-fast', 'A'),
    against('7. fallback against the JavaScript CG, B', 4, 'plain', 'fallback-fast', 'B'),
    against("7. fallback against libmf's native code, A and B", 1, 'libmf', 'fallback-fast', 'AB'),
    figure(
      "8. tune, NDCG@20 against a grid's best",
      '≥ 99 %',
      tune && `${percent(tune.found / tune.highest)} (${tune.parameters})`,
      atLeast(tune && tune.found / tune.highest, 0.99),
      tune ? `${tune.highest.toFixed(4)}, the best of ${tune.grid}` : '–',
    ),
    figure('8. tune, cost in full trainings', '10', tune && show(tune.trainings), atMost(tune?.trainings, 10)),
    figure(
      '9. 5 % new and a warm iteration, NDCG@20 against a new training',
      '≥ 99 %',
      shares('ndcg'),
      atLeast(warm.length === 0 ? undefined : Math.min(...warm.map(([, { ndcg }]) => ndcg)), 0.99),
    ),
    figure(
      '9. the same, cost with reading',
      '10 %',
      shares('cost'),
      atMost(warm.length === 0 ? undefined : Math.max(...warm.map(([, { cost }]) => cost)), 0.1),
    ),
    figure(
      '10. load of 1,000,000 users × 64',
      '50 ms',
      file && `${show(file.load)} ms, ${show(file.cpu)} of the processor, ${show(file.megabytes)} MB`,
      atMost(file?.load, 50),
      'least of 5; damage: test/core/conformance/als, native/fuzz',
    ),
    figure('11. all of it together in Node', 'one library', 'docs/guides/als.md', true, 'libmf trains, and no more'),
  ];
}
