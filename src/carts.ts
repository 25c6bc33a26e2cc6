import { KeptCarts, startCartSweeper, type CartSweeper } from './contexts/cart';
import { openBroadcast, type Broadcast } from './platform/bus';
import type { Settings } from './platform/config';
import type { Database } from './platform/database';
import type { Log } from './platform/log';

export interface Carts {
  readonly kept: KeptCarts;
  readonly sweeper: CartSweeper;
  /** What the processes tell each other. Undefined without REDIS_URL, or where nothing is kept. */
  readonly news: Broadcast | undefined;
  close(): Promise<void>;
}

/** What carts need besides their routes: the sweeper, what is kept of them, and where REDIS_URL names a Redis, news of other processes. */
export async function openCarts(
  { REDIS_URL: url, EASY11_REDIS_PREFIX: prefix }: Pick<Settings, 'REDIS_URL' | 'EASY11_REDIS_PREFIX'>,
  { database, log, cacheBytes }: { readonly database: Database; readonly log: Log; readonly cacheBytes: number },
): Promise<Carts> {
  // Told by what is opened after it, and hears through what it tells.
  const kept: KeptCarts = new KeptCarts({ cacheBytes, tell: (message) => news?.tell(message) });
  const onMessage = (message: string): void => kept.heard(message);
  const news =
    url === undefined || cacheBytes === 0
      ? undefined
      : await openBroadcast({ url, channel: `${prefix}:carts`, log, onMessage });
  const sweeper = startCartSweeper({ database, log });
  return {
    kept,
    sweeper,
    news,
    close: async () => {
      await sweeper.close();
      await news?.close();
      kept.close();
    },
  };
}
