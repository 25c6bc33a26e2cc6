import { DuckDBInstance } from '@duckdb/node-api';
import {
  BINS,
  type Contender,
  edgeOf,
  sumOfAggregate,
  sumOfCounts,
  sumOfDepths,
  sumOfIds,
  sumOfPage,
} from './contender';
import { fiveInSql } from './five';
import { CATEGORIES, type Products } from './data';

/** DuckDB in memory on one thread, rows in order of price (so that zone maps skip), prepared statements. */
export async function makeDuckdb(products: Products): Promise<Contender> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const db = await instance.connect();
  await db.run('CREATE TABLE raw (id INT, price INT, rating FLOAT, popularity FLOAT, stock INT, category INT)');
  const appender = await db.createAppender('raw');
  for (let i = 0; i < products.size; i++) {
    appender.appendInteger(i);
    appender.appendInteger(products.price[i] as number);
    appender.appendFloat(products.rating[i] as number);
    appender.appendFloat(products.popularity[i] as number);
    appender.appendInteger(products.stock[i] as number);
    appender.appendInteger(products.category[i] as number);
    appender.endRow();
  }
  appender.closeSync();
  await db.run('CREATE TABLE p AS SELECT * FROM raw ORDER BY price, id');
  await db.run('DROP TABLE raw');
  const within = 'FROM p WHERE price BETWEEN $1 AND $2';
  const matching = `${within} AND rating >= 4 AND stock >= 1`;
  const prepare = async (sql: string): Promise<(...values: number[]) => Promise<number[][]>> => {
    const statement = await db.prepare(sql);
    return async (...values) => {
      values.forEach((value, i) => statement.bindInteger(i + 1, value));
      return (await statement.runAndReadAll()).getRowsJS().map((row) => row.map(Number));
    };
  };
  const count = await prepare(`SELECT count(*) ${within}`);
  const aggregate = await prepare(`SELECT count(*), sum(rating::DOUBLE), min(rating), max(rating) ${within}`);
  const top = await prepare(`SELECT id ${within} ORDER BY popularity DESC, id LIMIT 20`);
  const facets = await prepare(`SELECT category, count(*) ${within} GROUP BY category`);
  const pageTop = await prepare(`SELECT id ${matching} ORDER BY popularity DESC, id LIMIT 20`);
  const pageFacets = await prepare(`SELECT category, count(*) ${matching} GROUP BY category`);
  const pagePrices = await prepare(`SELECT price, count(*) ${matching} GROUP BY price`);
  const narrowed = 'AND rating >= 3 AND stock >= 1';
  const list = await prepare(`SELECT id ${within} ORDER BY price, id LIMIT 20 OFFSET $3`);
  const narrowedList = await prepare(`SELECT id ${within} ${narrowed} ORDER BY price, id LIMIT 20 OFFSET $3`);
  const behind = await prepare(
    `SELECT id ${within} AND (price > $1 OR id > $3) ${narrowed} ORDER BY price, id LIMIT 20`,
  );
  const five = fiveInSql('$1', '$2', (value) => `floor(${value})::INT`);
  const widths = await prepare(`SELECT ${five[1]?.bin ?? ''} c, count(*) ${within} GROUP BY c`);
  const prices = await prepare(`SELECT price, count(*) ${within} GROUP BY price ORDER BY price`);
  const median = await prepare(`SELECT quantile_disc(price, 0.5) ${within}`);
  const ofFive = await Promise.all(
    five.map(({ bin, where }) => prepare(`SELECT ${bin} c, count(*) ${within} AND ${where} GROUP BY c`)),
  );
  const update = await prepare('UPDATE p SET price = $1 WHERE id = $2');
  const spread = (rows: number[][]): Uint32Array => {
    const counts = new Uint32Array(CATEGORIES);
    for (const [code = 0, n = 0] of rows) counts[code] = n;
    return counts;
  };
  const idsOf = (rows: number[][]): number[] => rows.map(([id = 0]) => id);
  return {
    count: async ({ lo, hi }) => (await count(lo, hi))[0]?.[0] ?? 0,
    aggregate: async ({ lo, hi }) => {
      const [n = 0, s = 0, a = 0, b = 0] = (await aggregate(lo, hi))[0] ?? [];
      return sumOfAggregate(n, s, a, b);
    },
    top: async ({ lo, hi }) => sumOfIds(idsOf(await top(lo, hi))),
    facets: async ({ lo, hi }) => sumOfCounts(spread(await facets(lo, hi))),
    page: async (range) => {
      const { lo, hi } = range;
      const bins = new Uint32Array(BINS);
      let rows = 0;
      for (const [price = 0, n = 0] of await pagePrices(lo, hi)) {
        let bin = BINS - 1;
        while (bin > 0 && price < edgeOf(range, bin)) bin--;
        bins[bin] = (bins[bin] as number) + n;
        rows += n;
      }
      return sumOfPage(rows, idsOf(await pageTop(lo, hi)), spread(await pageFacets(lo, hi)), bins);
    },
    list: async ({ lo, hi }, offset) => sumOfIds(idsOf(await list(lo, hi, offset))),
    narrowed: async ({ lo, hi }, start) =>
      sumOfIds(
        idsOf('offset' in start ? await narrowedList(lo, hi, start.offset) : await behind(start.value, hi, start.id)),
      ),
    widths: async ({ lo, hi }) => sumOfCounts(spread(await widths(lo, hi))),
    depths: async ({ lo, hi }) => {
      const rows = await prices(lo, hi);
      return sumOfDepths(
        rows.map(([price = 0]) => price),
        rows.map(([, n = 0]) => n),
      );
    },
    median: async ({ lo, hi }) => (await median(lo, hi))[0]?.[0] ?? Number.NaN,
    disjunctive: async ({ lo, hi }) => {
      let sum = 0;
      for (const one of ofFive) sum += sumOfCounts(spread(await one(lo, hi)));
      return sum;
    },
    update: async (id, price) => {
      await update(price, id);
    },
    close: () => db.closeSync(),
  };
}
