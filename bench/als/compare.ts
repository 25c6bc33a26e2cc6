import { formatTime, installPeers, machine, runWorker, table } from '../processes';
import { printVerdicts } from '../verdict';
import { CONTENDERS, isName, type Name, trainAs } from './contenders';
import { type Figures, type Part, PARTS } from './goals';
import type { Quality } from './quality';
import type { Queries, Times } from './queries';
import { isShapeName, type ShapeName, SHAPES } from './shapes';
import { goalsOf } from './verdicts';
import type { Trained } from './worker';

export interface AlsBench {
  readonly shapes: readonly ShapeName[];
  readonly factors: readonly number[];
  readonly iterations: number;
  readonly contenders: readonly Name[];
  /** Parts of the goals to measure, and nothing else. */
  readonly only: readonly Part[];
}

/** What a run of the bench found. Keys are such as "A 64". */
export interface Found {
  readonly costs: Readonly<Record<string, Partial<Record<Name, Trained>>>>;
  readonly queries: Readonly<Record<string, Queries>>;
  readonly losses: Partial<Record<Name, readonly number[]>>;
  readonly quality: Readonly<Record<string, Quality | undefined>>;
  readonly figures: Figures;
}

/** From so many factors on a training is one of all 16 iterations. */
const LONG = 512;
const ITERATIONS = 16;
/** Products of numbers that ranking all items for some users may take in JavaScript, and the most users. */
const RANKED = { products: 8e9, users: 3_000 };
/** Above so many items the similarity of all is not computed. */
const MOST_SIMILAR = 100_000;

/** Reads `--shape A,B --factors 64,128 --iterations 3 --contenders fast,exact --only tune,file`. */
export function readAlsOptions(option: (name: string, fallback: string) => string): AlsBench {
  const list = (name: string, fallback: string): string[] => option(name, fallback).split(',').filter(Boolean);
  const known = <T extends string>(name: string, fallback: string, is: (one: string) => one is T): T[] => {
    const given = list(name, fallback);
    const wrong = given.find((one) => !is(one));
    if (wrong !== undefined) throw new Error(`--${name} does not know ${wrong}`);
    return given.filter(is);
  };
  return {
    shapes: known('shape', 'A', isShapeName),
    factors: list('factors', '64').map(Number),
    iterations: Number(option('iterations', '4')),
    contenders: known('contenders', Object.keys(CONTENDERS).join(), isName),
    only: known('only', '', (one): one is Part => PARTS.some((part) => part === one)),
  };
}

const show = (value: number | undefined, digits = 3): string =>
  value !== undefined && Number.isFinite(value) ? Number(value.toPrecision(digits)).toLocaleString('en') : '–';
const times = ({ p50, p99 }: Times): string => `${formatTime(p50)}, ${formatTime(p99)}`;

async function costs({ shapes, factors, iterations, contenders }: AlsBench): Promise<Found['costs']> {
  const found: Record<string, Partial<Record<Name, Trained>>> = {};
  for (const shape of shapes)
    for (const f of factors) {
      const row: Partial<Record<Name, Trained>> = {};
      const job = {
        shape,
        factors: f,
        iterations: f >= LONG ? ITERATIONS : iterations,
        nu: 1,
        losses: false,
        users: 0,
      } as const;
      for (const name of contenders) row[name] = await trainAs(name, job);
      found[`${shape} ${f}`] = row;
    }
  return found;
}

function printCosts(found: Found['costs'], contenders: readonly Name[]): string {
  const rows = Object.entries(found).map(([key, row]) => [
    key,
    ...contenders.map((name) => show(row[name]?.cpuSeconds)),
    ...(['fast', 'exact', 'fallback-fast'] as const).flatMap((ours) =>
      (['plain', 'libmf'] as const).map((peer) => {
        const [a, b] = [row[peer]?.cpuSeconds, row[ours]?.cpuSeconds];
        return a && b ? `${show(a / b)}×` : '–';
      }),
    ),
    show(row.fast && ITERATIONS * row.fast.wallSeconds),
  ]);
  const ratios = ['native fast', 'native exact', 'fallback fast'].flatMap((name) => [
    `CG ÷ ${name}`,
    `libmf ÷ ${name}`,
  ]);
  const labels = contenders.map((name) => CONTENDERS[name].label);
  return table(
    ['shape, factors', ...labels, ...ratios, `${ITERATIONS} iterations of native fast, s by the clock`],
    rows,
  );
}

/** The shape with a loss that all can minimise (ν = 0), and how well the vectors rank at ν = 1. */
async function learning({
  shapes,
  factors,
  iterations,
  contenders,
}: AlsBench): Promise<Pick<Found, 'losses' | 'quality'>> {
  const [shape = 'A', f = 64] = [shapes[0], factors[0]];
  const losses: Partial<Record<Name, readonly number[]>> = {};
  for (const name of contenders.filter((one) => CONTENDERS[one].backend === 'native'))
    losses[name] = (await trainAs(name, { shape, factors: f, iterations, nu: 0, losses: true, users: 0 })).losses;
  const quality: Record<string, Quality | undefined> = {};
  const { items } = SHAPES[shape];
  const users = Math.min(RANKED.users, Math.floor(RANKED.products / (items * f)));
  for (const name of contenders.filter((one) => one !== 'fallback-exact')) {
    const job = { shape, factors: f, iterations: ITERATIONS, nu: 1, losses: false, users } as const;
    quality[CONTENDERS[name].label] = (await trainAs(name, job)).quality;
  }
  const baselines =
    items > MOST_SIMILAR ? {} : await runWorker<Record<string, Quality>>('bench/als/baselines.ts', [shape]);
  return { losses, quality: { ...quality, ...baselines } };
}

function printLearning({ losses, quality }: Found, { shapes, factors, iterations }: AlsBench): string {
  const where = `shape ${shapes[0]}, ${factors[0]} factors`;
  const head = ['', ...Array.from({ length: iterations }, (_, i) => `iteration ${i + 1}`)];
  const rows = Object.entries(losses).map(([name, list]) => [
    CONTENDERS[name as Name].label,
    ...list.map((loss) => show(loss, 6)),
  ]);
  const ranks = Object.entries(quality).map(([name, one]) => [
    name,
    one?.recall.toFixed(4) ?? '–',
    one?.ndcg.toFixed(4) ?? '–',
  ]);
  return [
    `Loss after each iteration, ${where}, ν = 0, one function for all`,
    table(head, rows),
    `Held-out fifth, ${where}, ${ITERATIONS} iterations, up to 3,000 users`,
    table(['', 'Recall@20', 'NDCG@20'], ranks),
  ].join('\n\n');
}

const ASKED = [
  ['fold-in of 20 items', 'foldIn'],
  ['top 20 of a user, without what they had', 'top'],
  ['the same with a live predicate that half of the items pass', 'filtered'],
  ['top 20 of a session of 20 items', 'session'],
] as const;

function printQueries(found: Found['queries']): string {
  const all = Object.values(found);
  return table(
    ['p50, p99', ...Object.keys(found)],
    [
      ...ASKED.map(([label, key]) => [label, ...all.map((one) => times(one[key]))]),
      ['lists that differ from scoring everything', ...all.map(({ differing, lists }) => `${differing} of ${lists}`)],
      [
        'greatest error of scores against double precision: fold-in',
        ...all.map((one) => one.foldInError.toExponential(1)),
      ],
      ['of users after `exact`', ...all.map((one) => one.exactError.toExponential(1))],
    ],
  );
}

/** The parts of the goals that shape A or C is asked for. */
function partsOf({ only, shapes }: AlsBench): readonly Part[] {
  if (only.length > 0) return only;
  return PARTS.filter((part) => shapes.includes(part === 'loop' ? 'C' : 'A'));
}

const measureParts = (options: AlsBench): Promise<Figures> =>
  runWorker<Figures>('bench/als/goals.ts', [partsOf(options).join(), options.shapes.join(), options.factors.join()]);

/** `npm run bench -- als`: training, losses, ranking, queries, and with `--goals` each goal with its verdict. */
export async function benchAls(given: AlsBench, withGoals: boolean): Promise<{ report: string; short: string }> {
  const isPart = given.only.length > 0;
  const hasLibmf = !isPart && given.contenders.includes('libmf') && (await installPeers(['libmf']));
  const options = { ...given, contenders: given.contenders.filter((name) => hasLibmf || name !== 'libmf') };
  const queries: Record<string, Queries> = {};
  if (!isPart)
    for (const shape of options.shapes)
      for (const f of options.factors)
        queries[`${shape} ${f}`] = await runWorker<Queries>('bench/als/queries.ts', [shape, String(f)]);
  const found: Found = {
    queries,
    costs: isPart ? {} : await costs(options),
    ...(isPart ? { losses: {}, quality: {} } : await learning(options)),
    figures: withGoals || isPart ? await measureParts(options) : {},
  };
  const measured = isPart
    ? []
    : [
        'CPU seconds an iteration',
        printCosts(found.costs, options.contenders),
        printLearning(found, options),
        'Queries',
        printQueries(queries),
      ];
  const goals = withGoals || isPart ? ['Goals', printVerdicts(goalsOf(found))] : [];
  return {
    report: ['### AlsModel, generated interactions', ...measured, ...goals].join('\n\n'),
    short: shortly(found, options),
  };
}

/** A few lines for the README: the first shape and length. */
function shortly({ costs, quality, queries }: Found, { shapes, factors, contenders }: AlsBench): string {
  const key = `${shapes[0]} ${factors[0]}`;
  const names = contenders.filter((name) => name !== 'fallback-exact');
  const labels = names.map((name) => CONTENDERS[name].label);
  const ours = (value: string | undefined): string[] => names.map((name) => (name === 'fast' ? (value ?? '–') : '–'));
  const rank = (figure: 'recall' | 'ndcg'): string[] =>
    [...labels, 'item-item cosine', 'most popular'].map((label) => quality[label]?.[figure].toFixed(4) ?? '–');
  const head = ['', ...labels.map((label) => (/native|fallback/.test(label) ? `**easy11 ${label}**` : label))];
  const asked = queries[key];
  const rows = [
    ['processor seconds an iteration', ...names.map((name) => show(costs[key]?.[name]?.cpuSeconds)), '–', '–'],
    ['Recall@20 of a held-out fifth', ...rank('recall')],
    ['NDCG@20', ...rank('ndcg')],
    ...ASKED.map(([label, name]) => [`${label}, p50`, ...ours(asked && formatTime(asked[name].p50)), '–', '–']),
  ];
  const measured = table([...head, 'item-item cosine', 'most popular'], rows);
  return `Shape ${shapes[0]}, ${factors[0]} factors, on ${machine()}:\n\n${measured}`;
}
