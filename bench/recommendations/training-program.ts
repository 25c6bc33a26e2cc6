import { serveTraining, type SourceInteraction } from '../../src/contexts/recommendations';
import type { Database } from '../../src/platform/database';
import { interactions, productId } from './generated';

/** The process of a training as the bench has it: the real one, but for what it learns from, which is generated. */

const DAY_MS = 86_400_000;
const DAYS = 90;

async function sizeOf({ pool }: Database): Promise<{ readonly products: number; readonly customers: number }> {
  const { rows } = await pool.query<{ products: number; customers: number }>('select products, customers from bench');
  if (!rows[0]) throw new Error('The bench has no size');
  return rows[0];
}

async function* generated(database: Database): AsyncGenerator<SourceInteraction> {
  const { products, customers } = await sizeOf(database);
  const { userIds, itemIds, users, items } = interactions(products, customers);
  for (let e = 0; e < users.length; e++) {
    const product = { id: itemIds[items[e] as number] as string };
    const at = ((e * 7_919) % users.length) * ((DAYS * DAY_MS) / users.length);
    yield { user: userIds[users[e] as number] as string, product, kind: 'view', at };
  }
}

serveTraining((database) => ({
  products: async function* () {
    const { products } = await sizeOf(database);
    for (let n = 0; n < products; n++) yield { id: productId(n), sku: String(n) };
  },
  interactions: () => generated(database),
}));
