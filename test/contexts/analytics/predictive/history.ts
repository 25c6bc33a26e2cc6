import { PastOrders, type NewPastOrderLine } from '../../../../src/contexts/analytics';
import type { Database } from '../../../../src/platform/database';
import { Random } from '../../../support/random';
import { exponential, gamma } from './draws';

/**
 * The past of a shop, made: customers who buy at rates of their own, three in ten of whom leave on a day of their own, from Monday
 * 2023-01-02 on; nothing on Saturdays. Every other customer buys of one half of the skus, the rest of the other. The same at every run.
 */
export async function importHistory(
  database: Pick<Database, 'pool' | 'transaction'>,
  { customers = 300, days = 240, skus = ['MUG'] }: { customers?: number; days?: number; skus?: readonly string[] } = {},
): Promise<void> {
  const random = new Random(20);
  const lines: NewPastOrderLine[] = [];
  for (let number = 0; number < customers; number++) {
    const rate = 0.02 + gamma(random, 1) / 40;
    const spends = 1_000 + 4_000 * random.next();
    const end = random.chance(0.3) ? random.below(days) : days;
    for (let at = random.below(days / 2); at < end; at += exponential(random) / rate) {
      const orderedAt = new Date(Date.UTC(2023, 0, 2 + Math.floor(at), 9 + random.below(8)));
      if (orderedAt.getUTCDay() === 6) continue;
      const taste =
        Math.ceil(skus.length / 2) * (number % 2) + ((number * 7 + lines.length) % Math.ceil(skus.length / 2));
      const sku = skus[taste % skus.length] ?? 'MUG';
      lines.push({
        ...{ kind: 'sale', invoice: `I${lines.length}`, sku, isProduct: true, description: 'Mug', quantity: 1 },
        ...{ amount: Math.round(spends * (0.5 + random.next())), unitPrice: null, orderedAt },
        ...{ customer: `c${number}`, country: 'France' },
      });
    }
  }
  await new PastOrders(database, 'made', 'GBP').save(lines);
}
