import { AlsModel } from '../../src/core';
import { Reference } from './reference';
import { byUser, type Rows } from './rows';
import { columnsOf, generate, isShapeName, randomSource, SHAPES } from './shapes';

const QUERIES = 600;
const REPEATS = 5;
const LIMIT = 20;
/** How many scores are computed here at most: 100 lists of shape B, a few of a million items. */
const SCORED = 10_000_000;
/** Sessions folded in, and users, that are solved in double precision too. */
const SOLVED = 40;

/** Microseconds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
}
/** What was asked of one model, and what scoring everything and solving in double precision say to it. */
export interface Queries {
  readonly foldIn: Times;
  /** The greatest relative error of the scores. */
  readonly foldInError: number;
  /** The same of users' vectors after a training of one iteration with `mode: 'exact'`. */
  readonly exactError: number;
  readonly top: Times;
  /** Without what the user had, and with a predicate that half of the items pass. */
  readonly filtered: Times;
  readonly session: Times;
  /** Lists compared, with and without the predicate. */
  readonly lists: number;
  readonly differing: number;
}

/** The least of a few repeats of each query, so that what another process does in between does not count; then p50 and p99 over queries. */
function percentiles(count: number, ask: (i: number) => unknown): Times {
  for (let i = 0; i < count; i++) ask(i);
  const times = Array.from({ length: count }, (_, i) => {
    let least = Infinity;
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const began = process.hrtime.bigint();
      ask(i);
      least = Math.min(least, Number(process.hrtime.bigint() - began) / 1000);
    }
    return least;
  }).sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * (count - 1))] as number;
  return { p50: at(0.5), p99: at(0.99) };
}

const isEven = (item: string): boolean => Number(item) % 2 === 0;

function tableOf(model: AlsModel, items: number, factors: number): Float32Array {
  const table = new Float32Array(items * factors);
  for (let i = 0; i < items; i++) table.set(model.itemVector(String(i)), i * factors);
  return table;
}

const historyOf = ({ starts, columns }: Rows, user: number): Uint32Array =>
  columns.subarray(starts[user] as number, starts[user + 1] as number);

/** The score of the last item that belongs on the list: of all scored, those that are not wanted left out. */
function bar(table: Float32Array, x: Float32Array, isWanted: (item: number) => boolean): number {
  const best = new Float64Array(LIMIT).fill(-Infinity);
  for (let item = 0, at = 0; at < table.length; item++, at += x.length) {
    if (!isWanted(item)) continue;
    let score = 0;
    for (let k = 0; k < x.length; k++) score += (table[at + k] as number) * (x[k] as number);
    if (score <= (best[0] as number)) continue;
    best[0] = score;
    best.sort();
  }
  return best[0] as number;
}

/** Lists, of users with and without the predicate, that hold an item worse than the last one that belongs there, or one not wanted. */
function differing(model: AlsModel, table: Float32Array, rows: Rows, users: readonly string[]): number {
  let wrong = 0;
  for (const user of users) {
    const x = model.userVector(user);
    const had = new Set(historyOf(rows, Number(user)));
    for (const filter of [undefined, isEven]) {
      const isWanted = (item: number): boolean => !had.has(item) && (filter?.(String(item)) ?? true);
      const least = bar(table, x, isWanted);
      const found = model.recommend(user, { limit: LIMIT, ...(filter && { filter }) });
      // Sums of single precision in another order may tell two neighbours apart otherwise.
      const isRight = ({ item, score }: { item: string; score: number }): boolean =>
        isWanted(Number(item)) && score >= least - 1e-5 * Math.abs(least);
      if (found.length !== LIMIT || !found.every(isRight)) wrong++;
    }
  }
  return wrong;
}

/** Fold-in and top 20 on one shape. Prints one JSON line. */
async function main(): Promise<void> {
  const [name = 'A', factorsText = '64'] = process.argv.slice(2);
  if (!isShapeName(name)) throw new Error(`There is no shape ${name}`);
  const shape = SHAPES[name];
  const factors = Number(factorsText);
  const data = generate(shape);
  const rows = byUser(data, shape.users);
  using model = await AlsModel.fit(columnsOf(shape, data), { factors, iterations: 4 });
  const random = randomSource(3);
  const users = Array.from({ length: QUERIES }, () => String(Math.floor(random() * shape.users)));
  const sessions = users.map((user) => {
    const own = Array.from(historyOf(rows, Number(user)).subarray(0, 20), String);
    while (own.length < 20) own.push(String(Math.floor(random() * shape.items)));
    return [...new Set(own)];
  });
  const { regularization, unobservedWeight } = model.stats().parameters;
  const objective = { factors, regularization, unobservedWeight, nu: 1, weight: 1 };
  const table = tableOf(model, shape.items, factors);
  const reference = new Reference(table, objective);
  const foldInError = Math.max(
    ...sessions
      .slice(0, SOLVED)
      .map((own) => reference.scoreError(model.foldIn(own), reference.solve(own.map(Number)))),
  );
  using exact = await AlsModel.fit(columnsOf(shape, data), { factors, iterations: 1, mode: 'exact' });
  const exactly = new Reference(tableOf(exact, shape.items, factors), objective);
  const exactError = Math.max(
    ...users
      .slice(0, SOLVED)
      .map((user) => exactly.scoreError(exact.userVector(user), exactly.solve(historyOf(rows, Number(user))))),
  );
  const asked = users.slice(0, Math.min(100, Math.ceil(SCORED / shape.items)));
  const result: Queries = {
    foldInError,
    exactError,
    lists: 2 * asked.length,
    differing: differing(model, table, rows, asked),
    foldIn: percentiles(QUERIES, (i) => model.foldIn(sessions[i] as string[])),
    top: percentiles(QUERIES, (i) => model.recommend(users[i] as string, { limit: LIMIT })),
    filtered: percentiles(QUERIES, (i) => model.recommend(users[i] as string, { limit: LIMIT, filter: isEven })),
    session: percentiles(QUERIES, (i) => model.recommend(sessions[i] as string[], { limit: LIMIT })),
  };
  console.log(JSON.stringify(result));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
