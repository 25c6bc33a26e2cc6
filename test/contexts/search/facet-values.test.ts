import { pino } from 'pino';
import { systemClock } from '../../../src/kernel/clock';
import { searchQuerySchema, type SearchAnswer } from '../../../src/contexts/search';
import { IndexFollower } from '../../../src/contexts/search/index-follower';
import { Projection } from '../../../src/contexts/search/projection';
import { Codes } from '../../../src/contexts/search/results/product-rows';
import { PRODUCT_UPDATED, type SearchableProduct } from '../../../src/contexts/catalogue';
import type { Follower, FollowOptions } from '../../../src/platform/outbox';
import { mugs, product, streamed, until } from './support';

const bowls = { id: 'cat_bowls', path: 'kitchen/bowls', name: 'Bowls', ancestorIds: ['cat_kitchen'] };

describe('brands and categories that come and go', () => {
  test('take the room of those that no product has any more', () => {
    const codes = new Codes();
    let last = codes.take('first');
    for (let i = 0; i < 20_000; i++) {
      const next = codes.take(`brand ${i}`);
      codes.release(last);
      last = next;
    }
    expect(codes.values.length).toBeLessThanOrEqual(3);
    expect(codes.find('first')).toBeUndefined();
    expect(codes.find('brand 19999')).toBe(last);
  });

  test('keep a brand as long as one product has it', () => {
    const codes = new Codes();
    const code = codes.take('Acme');
    expect(codes.take('Acme')).toBe(code);
    codes.release(code);
    expect([codes.find('Acme'), codes.values[code]]).toEqual([code, 'Acme']);
    codes.release(code);
    expect(codes.find('Acme')).toBeUndefined();
    expect(codes.take('Bolt')).toBe(code);
  });

  test.each(['', 'mug'])('leave nothing to those that come in their place, asked for "%s"', async (q) => {
    const shop = await Projection.build(
      () => streamed([product('p1', 'Red Mug', { brand: 'Acme', category: mugs }), product('p2', 'Old Mug')]),
      new AbortController().signal,
    );
    const ask = (change: object = {}): SearchAnswer =>
      JSON.parse(shop.search(searchQuerySchema.parse({ q, facets: 'brand,category', ...change }))) as SearchAnswer;
    shop.put(product('p1', 'Red Mug', { version: 2 }));
    expect([ask().facets.brand, ask().facets.category]).toEqual([[], []]);
    shop.put(product('p3', 'Blue Mug', { brand: 'Bolt', category: bowls }));
    expect(ask().facets.brand).toEqual([{ value: 'Bolt', count: 1 }]);
    expect(ask().facets.category?.map(({ value, count }) => [value, count])).toEqual([
      ['kitchen', 1],
      ['kitchen/bowls', 1],
    ]);
    expect([ask({ brand: 'Acme' }).total, ask({ category: 'kitchen/mugs' }).total]).toEqual([0, 0]);
    expect([ask({ brand: 'Bolt' }).total, ask({ category: 'kitchen/bowls' }).total]).toEqual([1, 1]);
    // Twice away is once away: what p3 has is still its own.
    shop.remove('p1');
    shop.remove('p1');
    expect(ask({ brand: 'Bolt' }).total).toBe(1);
    shop.close();
  });
});

test('more brands than a RangeIndex holds are said in the log, once', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  const brand = (n: number): SearchableProduct =>
    product(`p${String(n).padStart(6, '0')}`, 'x', { brand: `Brand ${n}` });
  let deliver: FollowOptions['onEvents'] | undefined;
  const follower: Pick<Follower, 'caughtUp' | 'close' | 'status'> = {
    caughtUp: () => true,
    close: () => Promise.resolve(),
    status: () => ({ lag: 0 }) as ReturnType<Follower['status']>,
  };
  const index = new IndexFollower({
    outbox: {
      positions: () => Promise.resolve([] as never),
      follow: (options) => {
        deliver = options.onEvents;
        return follower as Follower;
      },
    },
    products: () => streamed(Array.from({ length: 14_999 }, (_, n) => brand(n))),
    clock: systemClock,
    log,
    currency: 'GBP',
  });
  await until('it is built', () => index.current !== undefined);
  const come = async (n: number): Promise<void> => {
    const data = brand(n);
    await deliver?.([
      {
        id: data.id,
        aggregate: `product:${data.id}`,
        version: 1,
        type: PRODUCT_UPDATED,
        source: '/easy11/catalogue',
        subject: data.id,
        data,
        partition: 0,
        position: n,
        occurredAt: new Date(),
      },
    ]);
  };
  expect(lines).toEqual([]);
  for (let n = 14_999; n < 15_003; n++) await come(n);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('every browse is a scan');
  await index.close();
});
