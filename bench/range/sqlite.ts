import path from 'node:path';
import { createRequire } from 'node:module';
import type { Database } from 'better-sqlite3';
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

const peers = createRequire(path.join(__dirname, '../peers/package.json'));

/** better-sqlite3 in memory, with a covering index in order of price and prepared statements. */
export function makeSqlite(products: Products): Contender {
  const Sqlite = peers('better-sqlite3') as new (file: string) => Database;
  const db = new Sqlite(':memory:');
  db.exec('CREATE TABLE p (id INTEGER PRIMARY KEY, price INT, rating REAL, popularity REAL, stock INT, category INT)');
  const insert = db.prepare('INSERT INTO p VALUES (?, ?, ?, ?, ?, ?)');
  db.transaction(() => {
    const { price, rating, popularity, stock, category } = products;
    for (let i = 0; i < products.size; i++) insert.run(i, price[i], rating[i], popularity[i], stock[i], category[i]);
  })();
  db.exec('CREATE INDEX by_price ON p (price, id, rating, popularity, stock, category); ANALYZE');
  const within = 'FROM p WHERE price BETWEEN ? AND ?';
  const matching = `${within} AND rating >= 4 AND stock >= 1`;
  const count = db.prepare(`SELECT count(*) n ${within}`);
  const aggregate = db.prepare(`SELECT count(*) n, sum(rating) s, min(rating) a, max(rating) b ${within}`);
  const top = db.prepare(`SELECT id ${within} ORDER BY popularity DESC, id LIMIT 20`).pluck();
  const facets = db.prepare(`SELECT category c, count(*) n ${within} GROUP BY category`);
  const pageRows = db.prepare(`SELECT count(*) n ${matching}`);
  const pageTop = db.prepare(`SELECT id ${matching} ORDER BY popularity DESC, id LIMIT 20`).pluck();
  const pageFacets = db.prepare(`SELECT category c, count(*) n ${matching} GROUP BY category`);
  const narrowed = `${within} AND rating >= 3 AND stock >= 1`;
  const page = 'ORDER BY price, id LIMIT 20';
  const list = db.prepare(`SELECT id ${within} ${page} OFFSET ?`).pluck();
  const narrowedList = db.prepare(`SELECT id ${narrowed} ${page} OFFSET ?`).pluck();
  const behind = db
    .prepare(`SELECT id FROM p WHERE (price, id) > (?, ?) AND price <= ? AND rating >= 3 AND stock >= 1 ${page}`)
    .pluck();
  const five = fiveInSql('@lo', '@hi', (value) => `CAST(${value} AS INT)`).map(({ bin, where }) => ({
    bin,
    query: db.prepare(`SELECT ${bin} c, count(*) n FROM p WHERE price BETWEEN @lo AND @hi AND ${where} GROUP BY c`),
  }));
  const widths = db.prepare(
    `SELECT ${five[1]?.bin ?? ''} c, count(*) n FROM p WHERE price BETWEEN @lo AND @hi GROUP BY c`,
  );
  const prices = db.prepare(`SELECT price c, count(*) n ${within} GROUP BY price`);
  const median = db.prepare(`SELECT price ${within} ORDER BY price LIMIT 1 OFFSET ?`).pluck();
  const update = db.prepare('UPDATE p SET price = ? WHERE id = ?');
  const spread = (rows: unknown[]): Uint32Array => {
    const counts = new Uint32Array(CATEGORIES);
    for (const { c, n } of rows as { c: number; n: number }[]) counts[c] = n;
    return counts;
  };
  return {
    count: ({ lo, hi }) => (count.get(lo, hi) as { n: number }).n,
    aggregate: ({ lo, hi }) => {
      const { n, s, a, b } = aggregate.get(lo, hi) as { n: number; s: number; a: number; b: number };
      return sumOfAggregate(n, s, a, b);
    },
    top: ({ lo, hi }) => sumOfIds(top.all(lo, hi) as number[]),
    facets: ({ lo, hi }) => sumOfCounts(spread(facets.all(lo, hi))),
    page: (range) => {
      const { lo, hi } = range;
      const bins = Array.from({ length: BINS }, (_, bin) => {
        const [from, to] = [Math.ceil(edgeOf(range, bin)), Math.ceil(edgeOf(range, bin + 1)) - 1];
        return (pageRows.get(from, bin === BINS - 1 ? hi : to) as { n: number }).n;
      });
      const rows = (pageRows.get(lo, hi) as { n: number }).n;
      return sumOfPage(rows, pageTop.all(lo, hi) as number[], spread(pageFacets.all(lo, hi)), bins);
    },
    list: ({ lo, hi }, offset) => sumOfIds(list.all(lo, hi, offset) as number[]),
    narrowed: ({ lo, hi }, start) =>
      sumOfIds(
        ('offset' in start
          ? narrowedList.all(lo, hi, start.offset)
          : behind.all(start.value, start.id, hi)) as number[],
      ),
    widths: ({ lo, hi }) => sumOfCounts(spread(widths.all({ lo, hi }))),
    depths: ({ lo, hi }) => {
      const rows = prices.all(lo, hi) as { c: number; n: number }[];
      return sumOfDepths(
        rows.map(({ c }) => c),
        rows.map(({ n }) => n),
      );
    },
    median: ({ lo, hi }) => {
      const { n } = count.get(lo, hi) as { n: number };
      return median.get(lo, hi, Math.floor((n - 1) / 2)) as number;
    },
    disjunctive: ({ lo, hi }) => five.reduce((sum, { query }) => sum + sumOfCounts(spread(query.all({ lo, hi }))), 0),
    update: (id, price) => {
      update.run(price, id);
    },
    close: () => db.close(),
  };
}
