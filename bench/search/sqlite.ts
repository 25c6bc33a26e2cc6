import { createRequire } from 'node:module';
import path from 'node:path';
import type { Database, Statement } from 'better-sqlite3';
import { STEPS, stepOf } from '../../src/contexts/search/results/price-ladder';
import { type Contender, PAGE, pageOf, type Tallies } from './contender';
import type { Asked, ShopData } from './data';

const peers = createRequire(path.join(__dirname, '../peers/package.json'));

/** Kinds of rows of the one statement that answers a question. */
const [TOTAL, CATEGORY, BRAND, STOCK, STEP, SHOWN] = [0, 1, 2, 3, 4, 5];
type Row = [kind: number, key: number | string, count: number];

/**
 * better-sqlite3 in memory as somebody would use it who knows it: FTS5 without positions and with prefixes, an index for
 * every facet and order, one that covers them all, statements prepared once. A text is looked up once and all that is counted
 * of it comes from that; without a text each count is a query of its own, so that each has the index that suits it.
 */
export function makeSqlite(shop: ShopData, size: number): Contender {
  const Sqlite = peers('better-sqlite3') as new (file: string) => Database;
  const db = new Sqlite(':memory:');
  db.exec(`
    PRAGMA cache_size = -1000000;
    CREATE TABLE p (id INTEGER PRIMARY KEY, department TEXT, category TEXT, brand INT, price INT, stock INT, step INT,
      popularity REAL, json TEXT);
    CREATE VIRTUAL TABLE f USING fts5(text, content='', detail=none, columnsize=0, prefix='1 2 3')`);
  fill(db, shop, size);
  db.exec(`
    INSERT INTO f (f) VALUES ('optimize');
    CREATE INDEX by_category ON p (category);
    CREATE INDEX by_step ON p (step);
    CREATE INDEX by_stock ON p (stock);
    CREATE INDEX by_price ON p (price, category, brand, stock, step);
    CREATE INDEX by_popularity ON p (popularity, department, brand, price, stock);
    CREATE INDEX by_brand ON p (brand, department, stock, price, step, category, popularity);
    CREATE INDEX by_department ON p (department, brand, stock, price, step, category, popularity);
    ANALYZE`);
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = db.prepare(sql).raw()));
    return statement;
  };
  const jsonOf = db.prepare('SELECT json FROM p WHERE id = ?').pluck();
  return {
    ask: (asked) => {
      const { sql, values } = statementOf(asked);
      const tallies: Tallies = {
        brands: new Map(),
        aisles: new Map(),
        stock: new Map(),
        steps: new Array<number>(STEPS).fill(0),
      };
      let total = 0;
      const ids: number[] = [];
      for (const [kind, key, count] of prepare(sql).all(values) as Row[]) {
        if (kind === TOTAL) total = count;
        else if (kind === CATEGORY) tallies.aisles.set(String(key), count);
        else if (kind === BRAND) tallies.brands.set(Number(key), count);
        else if (kind === STOCK) tallies.stock.set(Number(key), count);
        else if (kind === STEP) tallies.steps[Number(key)] = count;
        else ids.push(Number(key));
      }
      const shown = ids.slice(0, PAGE);
      const page = JSON.stringify(pageOf(total, shown, tallies, asked));
      return `${page.slice(0, -1)},"more":${ids.length > PAGE},"data":[${shown.map((id) => jsonOf.get(id)).join()}]}`;
    },
    close: () => db.close(),
  };
}

function fill(db: Database, shop: ShopData, size: number): void {
  const product = db.prepare('INSERT INTO p VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const text = db.prepare('INSERT INTO f (rowid, text) VALUES (?, ?)');
  db.transaction(() => {
    for (let n = 0; n < size; n++) {
      const { id, sku, name, brand, category, price, image, inStock, popularity } = shop.product(n);
      const where = category?.path ?? '';
      const number = Number((brand ?? '').slice(6));
      const json = JSON.stringify({ id, sku, name, brand, category, price, image, inStock });
      const { amount } = price;
      const department = where.slice(0, where.indexOf('/'));
      product.run(n, department, where, number, amount, Number(inStock), stepOf(amount), popularity, json);
      text.run(n, `${name} ${brand}`);
    }
  })();
}

const ORDERS: Readonly<Record<string, string>> = {
  price: 'price, id',
  '-price': 'price DESC, id DESC',
  '-createdAt': 'id DESC',
};

function statementOf(asked: Asked): { sql: string; values: Record<string, string | number> } {
  const words = String(asked.q ?? '')
    .split(' ')
    .filter(Boolean);
  const brands = [asked.brand ?? []].flat().map((name) => Number(name.slice(6)));
  const { category, inStock, sort } = asked;
  const priced = asked['price.gte'] !== undefined;
  const conditions: Record<string, string> = {
    ...(category === undefined ? {} : { category: 'department = @department' }),
    ...(brands.length === 0 ? {} : { brand: `brand IN (${brands.join()})` }),
    ...(inStock === undefined ? {} : { stock: 'stock = @stock' }),
    ...(priced ? { step: 'price BETWEEN @gte AND @lte' } : {}),
  };
  const where = (without?: string): string => {
    const all = Object.entries(conditions).filter(([facet]) => facet !== without);
    return all.length === 0 ? '' : `WHERE ${all.map(([, condition]) => condition).join(' AND ')}`;
  };
  const from = words.length === 0 ? 'p' : 'm';
  const order = ORDERS[String(sort)] ?? `${words.length === 0 ? '' : 'whole DESC, '}popularity DESC, id DESC`;
  // Whole words before begun ones: only asked of what may be shown.
  const whole =
    words.length === 0 || sort !== undefined ? '' : ', id IN (SELECT rowid FROM f WHERE f MATCH @whole) AS whole';
  const counted = (kind: number, column: string): string =>
    `SELECT ${kind}, ${column}, count(*) FROM ${from} ${where(column)} GROUP BY ${column}`;
  const matching = `WITH m AS MATERIALIZED (SELECT p.id, department, category, brand, price, stock, step, popularity
    FROM f CROSS JOIN p ON p.id = f.rowid WHERE f MATCH @text)`;
  const sql = [
    `${words.length === 0 ? '' : matching} SELECT ${TOTAL}, 0, count(*) FROM ${from} ${where()}`,
    counted(CATEGORY, 'category'),
    counted(BRAND, 'brand'),
    counted(STOCK, 'stock'),
    counted(STEP, 'step'),
    `SELECT * FROM (SELECT ${SHOWN}, id, 0 FROM (SELECT *${whole} FROM ${from} ${where()}) ORDER BY ${order} LIMIT ${PAGE + 1})`,
  ].join(' UNION ALL ');
  const quoted = words.map((word) => `"${word}"`).join(' ');
  const bound = {
    ...(words.length === 0 ? {} : { text: `${quoted}*` }),
    ...(whole === '' ? {} : { whole: quoted }),
    ...(category === undefined ? {} : { department: String(category) }),
    ...(inStock === undefined ? {} : { stock: Number(inStock === 'true') }),
    ...(priced ? { gte: Number(asked['price.gte']), lte: Number(asked['price.lte']) } : {}),
  };
  return { sql, values: bound };
}
