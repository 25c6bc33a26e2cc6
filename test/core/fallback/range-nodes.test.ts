import { Candidates } from '../../../src/core/fallback/range/candidates';
import { runNow } from '../../../src/core/fallback/steps';
import { sortByValue } from '../../../src/core/fallback/range/sort';
import { facetSizeFor, type NumberArray, Table } from '../../../src/core/fallback/range/table';
import { type Point, Tree } from '../../../src/core/fallback/range/tree';
import { Random } from '../../support/random';

const ROWS = 4_600;
const FACETS = [5, 40, 700, 9_000];
const random = new Random(77);

/** A float attribute with ties, an integer that some rows do not have, and facets of few and of many values. */
function makeTable(): Table {
  const table = new Table({ numbers: [2, 0], facets: FACETS.length, scores: [1], trees: [] });
  FACETS.forEach((values, facet) => (table.facetSizes[facet] = facetSizeFor(values)));
  table.reserve(ROWS + 100);
  for (let id = 0; id < ROWS; id++) write(table, id);
  return table;
}

function write(table: Table, id: number): void {
  (table.numbers[0] as NumberArray)[id] = random.below(1_000) / 7;
  (table.numbers[1] as NumberArray)[id] = random.chance(0.1) ? (table.nones[1] as number) : random.below(1_000_000);
  FACETS.forEach((values, facet) => ((table.facets[facet] as Uint16Array)[id] = random.below(values + 1)));
  table.present[id] = 1;
  table.rows++;
}

/** So few rows a leaf that a few thousand are as deep as millions are: five levels. */
function makeTree(table: Table): Tree {
  const tree = new Tree(table, 0, [1]);
  const ids = Uint32Array.from({ length: ROWS }, (_, id) => id);
  runNow(tree.fill(runNow(sortByValue(ids, table.numbers[0] as NumberArray)), 1));
  return tree;
}

/** What nodes tell of the rows between two places, beside a look at each row. */
function check(table: Table, tree: Tree, a: Point, b: Point): void {
  const rank = { begin: tree.nodes.before(a), end: tree.nodes.before(b) };
  const ids = tree.order().subarray(rank.begin, rank.end);
  FACETS.forEach((_, facet) => {
    const size = table.facetSizes[facet] as number;
    const counts = new Int32Array(size + 32).fill(7);
    tree.nodes.histograms[facet]?.count(a, b, counts, 16);
    const expected = new Int32Array(size + 32).fill(7).fill(0, 16, size + 16);
    for (const id of ids) expected[16 + ((table.facets[facet] as Uint16Array)[id] as number)]! += 1;
    expect(Buffer.compare(Buffer.from(counts.buffer), Buffer.from(expected.buffer))).toBe(0);
  });
  const values = Array.from(ids, (id) => (table.numbers[1] as NumberArray)[id] as number);
  const some = values.filter((value) => value < (table.nones[1] as number));
  const summary = new Float64Array(4);
  tree.nodes.summarise(1, a, b, summary);
  const sum = some.reduce((total, value) => total + value, 0);
  expect([...summary]).toEqual([some.length, sum, Math.min(...some), Math.max(...some)]);
}

function checkSome(table: Table, tree: Tree, times: number): void {
  for (let i = 0; i < times; i++) {
    const ranks = [random.below(table.rows), random.below(table.rows)].sort((x, y) => x - y);
    const [a, b] = ranks.map((rank) => tree.nodes.select(rank)) as [Point, Point];
    expect([a, b].map((point) => tree.nodes.before(point))).toEqual(ranks);
    check(table, tree, a, b);
  }
  const last = tree.leaves - 1;
  check(table, tree, { leaf: 0, at: 0 }, { leaf: last, at: tree.countOf(last) });
}

describe('nodes of the fallback, however many levels there are', () => {
  test('they tell counts by facet, sums and places as a look at every row does, before and after changes', () => {
    const table = makeTable();
    const tree = makeTree(table);
    expect(tree.nodes.levels).toHaveLength(5);
    checkSome(table, tree, 60);
    for (let i = 0; i < 3_000; i++) {
      const id = random.below(ROWS);
      tree.erase(id);
      table.rows--;
      write(table, id);
      expect(tree.insert(id)).toBe(true);
    }
    checkSome(table, tree, 60);
    // A facet gets more values than its counters have room for.
    table.facetSizes[0] = 16_384;
    tree.nodes.restride(0);
    checkSome(table, tree, 10);
  });

  test('rows that gather in one leaf until it is full spread over its neighbours, and counts stay right', () => {
    const table = makeTable();
    const tree = makeTree(table);
    for (let i = 0; i < 1_500; i++) {
      const id = random.below(ROWS);
      tree.erase(id);
      table.rows--;
      write(table, id);
      (table.numbers[0] as NumberArray)[id] = 50 + random.below(3);
      expect(tree.insert(id)).toBe(true);
    }
    expect(Math.max(...Array.from({ length: tree.leaves }, (_, leaf) => tree.countOf(leaf)))).toBeLessThanOrEqual(512);
    checkSome(table, tree, 60);
  });
});

test('lists that are searched for the best rows come best first, however many they are', () => {
  const lists = new Candidates();
  const rows: { value: number; id: number }[] = [];
  const drawRow = (below: number): { value: number; id: number } => ({
    value: random.below(below),
    id: random.below(1e6),
  });
  const inOrder = (): unknown =>
    rows.sort((a, b) => b.value - a.value || a.id - b.id).map(({ value, id }) => [value, id, value & 3, id + 1]);
  const takeAll = (): unknown => {
    const taken: number[][] = [];
    for (; lists.size > 0; lists.dropBest()) taken.push([lists.value, lists.id, lists.level, lists.entry]);
    return taken;
  };
  for (let i = 0; i < 100; i++) rows.push(drawRow(50));
  for (const { value, id } of rows) lists.add(value, id, value & 3, id + 1);
  lists.order();
  for (let i = 0; i < 200; i++) {
    const row = drawRow(50);
    rows.push(row);
    lists.push(row.value, row.id, row.value & 3, row.id + 1);
  }
  expect(lists.size).toBe(300);
  expect(takeAll()).toEqual(inOrder());

  rows.length = 0;
  for (const value of [9, 8, 7]) lists.add(value, value, 0, value);
  lists.order();
  lists.advance(7, 5, 33);
  expect(takeAll()).toEqual([
    [8, 8, 0, 8],
    [7, 5, 0, 33],
    [7, 7, 0, 7],
  ]);
});
