import { judgeStock } from './contexts/inventory';
import { judgeOrders } from './contexts/orders';
import { judgeMoney } from './contexts/payments';
import { judgeCoupons } from './contexts/promotions';
import type { Database } from './platform/database';
import type { Verdict } from './platform/invariants';
import { judgeEvents } from './platform/outbox';

/**
 * Whether the books balance now: what every context says must hold of its tables, and orders of what they have to do with others.
 * Everything is seen as of one moment, so the shop may trade meanwhile, and nothing is written or locked.
 */
export const judgeBooks = (database: Pick<Database, 'transaction'>): Promise<Verdict[]> =>
  database.transaction(
    async (client) => {
      await client.query('set transaction read only');
      const verdicts: Verdict[] = [];
      for (const ask of [judgeStock, judgeMoney, judgeCoupons, judgeOrders, judgeEvents])
        verdicts.push(...(await ask(client)));
      return verdicts;
    },
    { isolation: 'repeatable read' },
  );
