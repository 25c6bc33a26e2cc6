import path from 'node:path';
import { createRequire } from 'node:module';
import type { Database } from 'better-sqlite3';
import { BINS, type Contender, edgeOf, sumOfAggregate, sumOfCounts, sumOfIds, sumOfPage } from './contender';
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
  db.exec('CREATE INDEX by_price ON p (price, rating, popularity, stock, category); ANALYZE');
  const within = 'FROM p WHERE price BETWEEN ? AND ?';
  const matching = `${within} AND rating >= 4 AND stock >= 1`;
  const count = db.prepare(`SELECT count(*) n ${within}`);
  const aggregate = db.prepare(`SELECT count(*) n, sum(rating) s, min(rating) a, max(rating) b ${within}`);
  const top = db.prepare(`SELECT id ${within} ORDER BY popularity DESC, id LIMIT 20`).pluck();
  const facets = db.prepare(`SELECT category c, count(*) n ${within} GROUP BY category`);
  const pageRows = db.prepare(`SELECT count(*) n ${matching}`);
  const pageTop = db.prepare(`SELECT id ${matching} ORDER BY popularity DESC, id LIMIT 20`).pluck();
  const pageFacets = db.prepare(`SELECT category c, count(*) n ${matching} GROUP BY category`);
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
    update: (id, price) => {
      update.run(price, id);
    },
    close: () => db.close(),
  };
}
