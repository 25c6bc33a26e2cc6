import { randomUUID } from 'node:crypto';
import { cartApi, type CartKey } from '../../web/src/api/cart';
import { BasketKeeper, type KeyStore } from '../../web/src/cart/keeper';
import { startTestApp, type TestApp } from '../support/app';

/** The storefront's basket against the real shop, without a browser around it. */
let shop: TestApp;
const realFetch = globalThis.fetch;
/** How many of the next answers get lost on their way back, though the shop did what was asked. */
let lose = 0;
let requests = 0;
/** Looks at a cart whose answers the shop has given, and which are still on their way. */
let delayed: (() => void)[] | undefined;

beforeAll(async () => {
  shop = await startTestApp();
  globalThis.fetch = async (where, init) => {
    if (typeof where !== 'string' || !where.startsWith('/')) return realFetch(where, init);
    requests++;
    const answer = await realFetch(shop.url + where, init);
    if (delayed && (init?.method ?? 'GET') === 'GET') await new Promise<void>((arrive) => delayed?.push(arrive));
    if (lose <= 0) return answer;
    lose--;
    await answer.arrayBuffer();
    throw new TypeError('the connection was lost');
  };
  const post = async (where: string, body: unknown): Promise<{ id: string }> => {
    const answer = await realFetch(shop.url + where, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${shop.adminToken}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as { id: string };
  };
  for (const sku of ['A', 'B', 'C']) {
    await post('/v1/admin/products', { sku, name: sku, price: { amount: 100, currency: 'GBP' }, status: 'active' });
  }
  const { id } = await post('/v1/admin/warehouses', { code: 'MAIN', name: 'Main' });
  const lines = ['A', 'B', 'C'].map((sku) => ({ sku, quantity: 500 }));
  await post('/v1/admin/stock/adjustments', { warehouseId: id, kind: 'receipt', lines });
});
afterAll(async () => {
  globalThis.fetch = realFetch;
  await shop.close();
});
beforeEach(() => {
  lose = 0;
  delayed = undefined;
});

/** What a browser remembers; two keepers with one of it are two windows. */
function browser(): KeyStore {
  let kept: CartKey | undefined;
  return {
    read: () => kept,
    write: (key) => {
      kept = key;
    },
  };
}

const held = async (keys: KeyStore): Promise<Record<string, number>> => {
  const key = keys.read();
  if (!key) return {};
  const { lines } = await cartApi.read(key);
  return Object.fromEntries(lines.map(({ sku, quantity }) => [sku, quantity]));
};

async function saved(keeper: BasketKeeper): Promise<void> {
  const end = Date.now() + 60_000;
  while (keeper.snapshot().wanted.size > 0 && keeper.snapshot().trouble === undefined && Date.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a basket', () => {
  test('makes one cart for many clicks in one moment, and loses none of them', async () => {
    const keys = browser();
    const keeper = new BasketKeeper(cartApi, keys);
    const clicks = Array.from({ length: 20 }, (_, click) => keeper.add(click % 2 ? 'A' : 'B'));
    expect(keeper.snapshot().adding).toBe(20);
    await Promise.all(clicks);
    expect(await held(keys)).toEqual({ A: 10, B: 10 });
    expect(keeper.snapshot()).toMatchObject({ adding: 0, cart: { units: 20 } });
    const { rows } = await shop.database.database.pool.query('select count(*)::int as n from carts');
    expect(rows).toEqual([{ n: 1 }]);
  });

  test('adds once though answers are lost on their way', async () => {
    const keys = browser();
    const keeper = new BasketKeeper(cartApi, keys);
    lose = 1; // of making the cart
    await keeper.add('A');
    lose = 2;
    await keeper.add('A', 4);
    expect(await held(keys)).toEqual({ A: 5 });
  });

  test('says so when the shop stays away, and what was added before is still there', async () => {
    const keys = browser();
    const keeper = new BasketKeeper(cartApi, keys);
    await keeper.add('A');
    lose = 3;
    await expect(keeper.add('B')).rejects.toThrow('The shop does not answer');
    expect(keeper.snapshot().adding).toBe(0);
    expect(await held(keys)).toMatchObject({ A: 1 });
  });

  test('saves what was wanted last, in few requests, however fast one clicks', async () => {
    const keys = browser();
    const keeper = new BasketKeeper(cartApi, keys);
    await keeper.add('A');
    await keeper.add('B');
    requests = 0;
    for (let quantity = 2; quantity <= 30; quantity++) keeper.want('A', quantity);
    keeper.want('B', 0);
    await saved(keeper);
    expect(await held(keys)).toEqual({ A: 30 });
    expect(requests).toBeLessThan(6);
  });

  test('of two windows keeps what both did', async () => {
    const keys = browser();
    const [one, two] = [new BasketKeeper(cartApi, keys), new BasketKeeper(cartApi, keys)];
    for (const sku of ['A', 'B', 'C']) await one.add(sku);
    await two.refresh();
    one.want('A', 5);
    two.want('B', 6);
    await Promise.all([one.add('C'), two.add('C')]);
    await Promise.all([saved(one), saved(two)]);
    expect(await held(keys)).toEqual({ A: 5, B: 6, C: 3 });
    one.want('A', 0);
    await saved(one);
    two.want('A', 9); // what the other window took out stays out
    await saved(two);
    expect([two.snapshot().trouble, await held(keys)]).toEqual([undefined, { B: 6, C: 3 }]);
  });

  test('keeps what is wanted through trouble, and saves it when it is asked to again', async () => {
    const keys = browser();
    const keeper = new BasketKeeper(cartApi, keys);
    await keeper.add('A');
    lose = 3;
    keeper.want('A', 7);
    await saved(keeper);
    expect(keeper.snapshot()).toMatchObject({ trouble: { message: 'The shop does not answer' } });
    expect([...keeper.snapshot().wanted]).toEqual([['A', 7]]);
    await keeper.flush();
    expect([keeper.snapshot().trouble, await held(keys)]).toEqual([undefined, { A: 7 }]);
  });

  test('whose day is over begins anew with the next addition', async () => {
    const keys = browser();
    const keeper = new BasketKeeper(cartApi, keys);
    await keeper.add('A', 3);
    const old = keys.read();
    await shop.database.database.pool.query(`update carts set expires_at = now() - interval '1 second' where id = $1`, [
      old?.id,
    ]);
    await keeper.refresh();
    expect(keeper.snapshot()).toMatchObject({ cart: null, forgotten: true });
    keys.write(old); // another window that has not heard of it
    await keeper.add('B');
    expect(keys.read()?.id).not.toBe(old?.id);
    expect([await held(keys), keeper.snapshot().forgotten]).toEqual([{ B: 1 }, false]);
  });

  test('that was set aside comes back, into what has been put in since', async () => {
    const keys = browser();
    const keeper = new BasketKeeper(cartApi, keys);
    await keeper.add('A', 2);
    const aside = keeper.setAside() as CartKey;
    expect([keys.read(), keeper.snapshot().cart]).toEqual([undefined, null]);
    await keeper.add('A');
    await keeper.add('B');
    await keeper.bringBack(aside);
    expect(await held(keys)).toEqual({ A: 3, B: 1 });
    const again = keeper.setAside() as CartKey;
    await keeper.bringBack(again);
    expect(keys.read()).toEqual(again);
  });

  test('of two windows that begin at once is one basket, with what both put in', async () => {
    const keys = browser();
    const [one, two] = [new BasketKeeper(cartApi, keys), new BasketKeeper(cartApi, keys)];
    await Promise.all([one.add('A'), two.add('B')]);
    expect(await held(keys)).toEqual({ A: 1, B: 1 });
  });

  describe('when the answer to a look at it comes late', () => {
    /** A look whose answer has been given and does not arrive before `arrive` is called. */
    const lookThatIsLate = async (keeper: BasketKeeper): Promise<{ arrive: () => Promise<void> }> => {
      const late: (() => void)[] = [];
      delayed = late;
      const look = keeper.refresh();
      while (late.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      delayed = undefined;
      return {
        arrive: async () => {
          late[0]?.();
          await look;
        },
      };
    };

    test('it undoes no addition', async () => {
      const keeper = new BasketKeeper(cartApi, browser());
      await keeper.add('A');
      const look = await lookThatIsLate(keeper);
      await keeper.add('A', 2);
      await look.arrive();
      expect(keeper.snapshot().cart?.units).toBe(3);
    });

    test('it brings back no basket that has been ordered, nor in place of the next one', async () => {
      const keeper = new BasketKeeper(cartApi, browser());
      await keeper.add('A', 5);
      const looks = [await lookThatIsLate(keeper), await lookThatIsLate(keeper)];
      keeper.setAside();
      await looks[0]?.arrive();
      expect(keeper.snapshot().cart).toBe(null);
      await keeper.add('B');
      await looks[1]?.arrive();
      expect(keeper.snapshot().cart?.lines.map(({ sku }) => sku)).toEqual(['B']);
    });

    test('that a basket is over says nothing about the next one', async () => {
      const keys = browser();
      const keeper = new BasketKeeper(cartApi, keys);
      await keeper.add('A');
      await shop.database.database.pool.query(
        `update carts set expires_at = now() - interval '1 second' where id = $1`,
        [keys.read()?.id],
      );
      const look = await lookThatIsLate(keeper);
      keeper.setAside();
      await keeper.add('B');
      await look.arrive();
      expect(keeper.snapshot()).toMatchObject({ forgotten: false, cart: { units: 1 } });
      expect(await held(keys)).toEqual({ B: 1 });
    });

    test('of two looks the one that was asked last is right', async () => {
      const keeper = new BasketKeeper(cartApi, browser());
      await keeper.add('C');
      const look = await lookThatIsLate(keeper);
      await shop.database.database.pool.query(`update products set price_amount = 150 where sku = 'C'`);
      await keeper.refresh();
      const price = keeper.snapshot().cart?.subtotal.amount;
      await look.arrive();
      expect([price, keeper.snapshot().cart?.subtotal.amount]).toEqual([150, 150]);
    });
  });
});
