import { createHash } from 'node:crypto';
import { RangeIndex, type Where } from '../../src/core';
import { Random } from '../../test/support/random';
import {
  makeNumber,
  makeRow,
  makeRows,
  makeWhere,
  Model,
  NUMBERS,
  schema,
  TREES,
} from '../../test/support/range-model';

/** What came of the answers after random changes. */
export interface Changes {
  readonly changes: number;
  readonly answers: number;
  /** Answers that are not those of a look at every row. */
  readonly differences: number;
  /** Of all answers to the bit: the same for native and fallback. */
  readonly digest: string;
}

const IDS = 10_000;
const [changesText = '100000', everyText = '200'] = process.argv.slice(2);
const random = new Random(31);
const model = new Model();
const digest = createHash('sha256');
let answers = 0;
let differences = 0;

/** One random change: a row set, changed or deleted; ties, no values and the greatest numbers are among them, and what is refused. */
function change(index: RangeIndex): void {
  const id = random.below(IDS);
  if (random.chance(0.01)) {
    let refused = false;
    try {
      index.update(id, { price: Number.NaN });
    } catch {
      refused = true;
    }
    compare(refused || !model.rows.has(id), true);
  } else if (random.chance(0.2)) {
    compare(index.delete(id), model.rows.delete(id));
  } else if (random.chance(0.4)) {
    const row = makeRow(random);
    index.set(id, row);
    model.set(id, row);
  } else {
    const name = random.pick(NUMBERS);
    const changes = { [name]: makeNumber(random, name) };
    const old = model.rows.get(id);
    index.update(id, changes);
    if (old) model.set(id, { ...old, ...changes });
  }
}

function compare(found: unknown, expected: unknown): void {
  const text = JSON.stringify(found);
  digest.update(text);
  answers++;
  if (text !== JSON.stringify(expected)) differences++;
}

/** Every kind of answer under the same conditions, beside those of one look at all rows. */
function ask(index: RangeIndex, where: Where): void {
  const matches = model.matches(where);
  const [number, by] = [random.pick(NUMBERS), random.pick(TREES)];
  const withValue = (name: string): { id: number; value: number }[] =>
    matches
      .flatMap(({ id, row }) => (row[name] === null ? [] : [{ id, value: row[name] as number }]))
      .sort((a, b) => a.value - b.value || a.id - b.id);
  const values = withValue(number);
  compare(index.count(where), matches.length);
  const { rows, count, sum, min, max } = index.aggregate(number, where);
  compare(
    [rows, count, min, max],
    [matches.length, values.length, values[0]?.value ?? null, values.at(-1)?.value ?? null],
  );
  // Added up in another order, and rounded otherwise, by as much as what is added tells.
  const [total, most] = values.reduce(([a, b], { value }) => [a + value, b + Math.abs(value)], [0, 0]);
  digest.update(String(sum));
  answers++;
  if (!(Math.abs(sum - total) <= 1e-11 * most)) differences++;
  const best = withValue('popularity').sort((a, b) => b.value - a.value || a.id - b.id);
  compare(
    index.top({ by: 'popularity', where }),
    best.slice(0, 20).map(({ id }) => id),
  );
  const listed = withValue(by);
  const offset = random.below(60);
  compare(index.list({ by, where, offset }), listed.slice(offset, offset + 20));
  const after = { id: random.below(IDS), value: listed[random.below(Math.max(1, listed.length))]?.value ?? 0 };
  const behind = listed.filter(({ id, value }) => value > after.value || (value === after.value && id > after.id));
  compare(index.list({ by, where, after }), behind.slice(0, 20));
  const shares = [0, 0.25, 0.5, 1];
  const at = (share: number): number => values[Math.floor(share * (values.length - 1))]?.value as number;
  compare(index.quantiles(number, shares, where), values.length === 0 ? null : shares.map(at));
  const counts = new Map<string | null, number>();
  for (const { row } of matches) {
    const name = row['category'] as string | null;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const inOrder = (entries: (readonly [string | null, number])[]): unknown =>
    entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  compare(
    inOrder(index.facet('category', where).map(({ value, count }) => [value as string | null, count])),
    inOrder([...counts]),
  );
  const { counts: bins } = index.histogram('price', { bins: 10, min: 0, max: 20_000, where });
  const expected = new Array<number>(10).fill(0);
  for (const { value } of withValue('price'))
    if (value >= 0 && value <= 20_000) (expected[Math.min(9, Math.floor(value / 2_000))] as number) += 1;
  compare(bins, expected);
}

async function main(): Promise<void> {
  const rows = makeRows(random, IDS / 2, IDS);
  using index = await RangeIndex.build(schema, rows);
  for (const { id, ...row } of rows) model.set(id, row);
  const changes = Number(changesText);
  for (let i = 1; i <= changes; i++) {
    change(index);
    if (i % Number(everyText) !== 0) continue;
    ask(index, random.chance(0.4) ? { price: { gte: random.below(20_000) } } : makeWhere(random));
  }
  const result: Changes = { changes, answers, differences, digest: digest.digest('hex') };
  console.log(JSON.stringify(result));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
