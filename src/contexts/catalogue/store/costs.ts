import type { Queryable } from './shelves';

/** What a product is sold for and costs, as one row says it: minor units of one currency. */
export interface ProductCost {
  readonly productId: string;
  readonly price: number;
  /** Null where nobody has said. */
  readonly cost: number | null;
}

interface RawCost {
  readonly id: string;
  readonly price_amount: string;
  readonly cost_amount: string | null;
}

const toCost = (raw: RawCost): ProductCost => ({
  productId: raw.id,
  price: Number(raw.price_amount),
  cost: raw.cost_amount === null ? null : Number(raw.cost_amount),
});

/** Of these products; those that are not there are left out. */
export async function findCosts(client: Queryable, ids: readonly string[]): Promise<ProductCost[]> {
  const { rows } = await client.query<RawCost>({
    name: 'catalogue-costs',
    text: 'select id, price_amount, cost_amount from products where id = any($1)',
    values: [ids],
  });
  return rows.map(toCost);
}

/** Of all products whose cost is known, by rising id, in chunks. */
export async function* streamKnownCosts(client: Queryable, chunk: number): AsyncGenerator<ProductCost[]> {
  let after = '';
  for (;;) {
    const { rows } = await client.query<RawCost>({
      name: 'catalogue-stream-costs',
      text: `select id, price_amount, cost_amount from products
             where id > $1 and cost_amount is not null order by id limit $2`,
      values: [after, chunk],
    });
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(toCost);
    after = last.id;
  }
}
