import { AlsModel } from '../../src/core';
import { byUser } from './rows';
import { generate, isShapeName, randomSource, SHAPES } from './shapes';

const QUERIES = 600;
const REPEATS = 5;
const LIMIT = 20;
/** How many scores are computed here at most: 100 lists of shape B, a few of a million items. */
const SCORED = 10_000_000;

/** The least of a few repeats of each query, so that what another process does in between does not count; then p50 and p99 over queries. */
function percentiles(count: number, ask: (i: number) => unknown): string {
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
  const at = (share: number): string => (times[Math.floor(share * (count - 1))] as number).toPrecision(3);
  return `p50 ${at(0.5)} µs, p99 ${at(0.99)} µs`;
}

/** Fold-in and top 20 on one shape. Prints one JSON line. */
async function main(): Promise<void> {
  const [name = 'A', factorsText = '64'] = process.argv.slice(2);
  if (!isShapeName(name)) throw new Error(`There is no shape ${name}`);
  const shape = SHAPES[name];
  const factors = Number(factorsText);
  const data = generate(shape);
  const rows = byUser(data, shape.users);
  using model = await AlsModel.fit(
    {
      userIds: Array.from({ length: shape.users }, (_, i) => String(i)),
      itemIds: Array.from({ length: shape.items }, (_, i) => String(i)),
      ...data,
    },
    { factors, iterations: 4 },
  );
  const random = randomSource(3);
  const users = Array.from({ length: QUERIES }, () => String(Math.floor(random() * shape.users)));
  const sessions = users.map((user) => {
    const [from, to] = [rows.starts[Number(user)] as number, rows.starts[Number(user) + 1] as number];
    const own = Array.from(rows.columns.subarray(from, Math.min(to, from + 20)), String);
    while (own.length < 20) own.push(String(Math.floor(random() * shape.items)));
    return [...new Set(own)];
  });
  const vectors = Array.from({ length: shape.items }, (_, i) => model.itemVector(String(i)));
  let wrong = 0;
  const lists = Math.min(100, Math.ceil(SCORED / shape.items));
  for (const user of users.slice(0, lists)) {
    const x = model.userVector(user);
    const had = new Set(rows.columns.subarray(rows.starts[Number(user)], rows.starts[Number(user) + 1]));
    const scores = vectors.map((y, i) =>
      had.has(i) ? -Infinity : y.reduce((sum, value, k) => sum + value * (x[k] as number), 0),
    );
    const bar = scores.toSorted((a, b) => b - a)[LIMIT - 1] as number;
    const found = model.recommend(user, { limit: LIMIT });
    // Sums of single precision in another order may tell two neighbours apart otherwise.
    if (found.some(({ item }) => (scores[Number(item)] as number) < bar - 1e-5 * Math.abs(bar))) wrong++;
  }
  const isEven = (item: string): boolean => Number(item) % 2 === 0;
  console.log(
    JSON.stringify({
      'fold-in of 20 items': percentiles(QUERIES, (i) => model.foldIn(sessions[i] as string[])),
      'top 20 of a user': percentiles(QUERIES, (i) => model.recommend(users[i] as string, { limit: LIMIT })),
      'top 20 of a user, live predicate': percentiles(QUERIES, (i) =>
        model.recommend(users[i] as string, { limit: LIMIT, filter: isEven }),
      ),
      'top 20 of a session of 20': percentiles(QUERIES, (i) =>
        model.recommend(sessions[i] as string[], { limit: LIMIT }),
      ),
      [`lists of ${lists} that differ from scoring everything`]: String(wrong),
    }),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
