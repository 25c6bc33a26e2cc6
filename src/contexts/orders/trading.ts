import { Problem } from '../../kernel/errors';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import type { Payments } from '../payments';
import type { Orders } from './background';

export interface OrderRouteDependencies {
  readonly database: Database;
  readonly log: Log;
  /** Both undefined where payments are off: orders can then be read, and no money moves. */
  readonly payments: Payments | undefined;
  readonly orders: Pick<Orders, 'worker' | 'watch'> | undefined;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
}

/** What it takes to move money. Throws `payments-unavailable` where payments are off. */
export function trading({ payments, orders }: OrderRouteDependencies): {
  readonly payments: Payments;
  readonly orders: Pick<Orders, 'worker' | 'watch'>;
} {
  if (!payments || !orders) throw new Problem('payments-unavailable', 'Payments are off: EASY11_PAYMENTS says so');
  return { payments, orders };
}
