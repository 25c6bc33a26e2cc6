import fc from 'fast-check';
import { pino } from 'pino';
import { systemClock } from '../../../src/kernel/clock';
import { startSweeper } from '../../../src/contexts/inventory/background';
import { transitionOf } from '../../../src/contexts/inventory/rules';
import { mergeLines } from '../../../src/kernel/lines';
import { until } from '../../platform/outbox/support';
import { brokenInvariants, insist, openShop, type Answer, type Shop } from './shop';

let shop: Shop;
let [near, far] = ['', ''];
beforeAll(async () => {
  shop = await openShop();
  far = await shop.warehouse(20);
  near = await shop.warehouse(10);
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await brokenInvariants(shop.database.pool)).toEqual([]);
});

const told = ({ status, body }: Answer): unknown[] => [status, body?.code];
const adjust = (lines: object[], more: object = {}): Promise<Answer> =>
  shop.admin('POST', '/stock/adjustments', { warehouseId: near, kind: 'receipt', lines, ...more });
const reserve = (lines: object[], more: object = {}): Promise<Answer> =>
  shop.admin('POST', '/reservations', { lines, ...more });
const available = async (sku: string): Promise<number> =>
  (await shop.ask('GET', `/v1/stock/${encodeURIComponent(sku)}`)).body.available;

describe('a warehouse', () => {
  test('has a code of its own, and is changed by those who know its version', async () => {
    const made = await shop.admin('POST', '/warehouses', { code: 'LEEDS', name: 'Leeds' });
    expect([made.status, made.headers.get('etag')]).toEqual([201, '"1"']);
    expect(told(await shop.admin('POST', '/warehouses', { code: 'LEEDS', name: 'Other' }))).toEqual([409, 'conflict']);
    const where = `/warehouses/${made.body.id}`;
    expect(told(await shop.admin('PATCH', where, { name: 'X' }))).toEqual([428, 'precondition-required']);
    const changed = await shop.admin('PATCH', where, { active: false }, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({ code: 'LEEDS', name: 'Leeds', active: false, version: 2 });
    expect(told(await shop.admin('PATCH', where, { name: 'X' }, { 'If-Match': '"1"' }))).toEqual([
      412,
      'precondition-failed',
    ]);
    expect((await shop.admin('GET', where)).body).toEqual(changed.body);
    expect((await shop.admin('GET', '/warehouses')).body.data).toContainEqual(changed.body);
  });

  test('that is closed keeps its stock, and nothing is reserved from it', async () => {
    const closed = await shop.warehouse(1);
    const sku = await shop.stocked([closed, 5]);
    await shop.admin('PATCH', `/warehouses/${closed}`, { active: false }, { 'If-Match': '*' });
    expect(told(await reserve([{ sku, quantity: 1 }]))).toEqual([409, 'out-of-stock']);
  });
});

describe('stock', () => {
  test('is adjusted by lines, with a movement for each, and is shown by sku and warehouse', async () => {
    const [sku, other] = [await shop.product(), await shop.product()];
    const lines = [
      { sku, quantity: 7 },
      { sku: other, quantity: 3 },
      { sku, quantity: -2 },
    ];
    const made = await adjust(lines, { note: 'delivery 17' });
    expect([made.status, made.body.data]).toEqual([
      201,
      expect.arrayContaining([expect.objectContaining({ sku, warehouseId: near, onHand: 5, available: 5 })]),
    ]);
    await adjust([{ sku, quantity: -1 }], { kind: 'damage' });
    const { body } = await shop.admin('GET', `/stock/movements?sku=${encodeURIComponent(sku)}`);
    expect(body.data).toMatchObject([
      { quantity: -1, kind: 'damage', onHandAfter: 4, actor: 'admin' },
      { quantity: 5, kind: 'receipt', onHandAfter: 5, note: 'delivery 17' },
    ]);
    const seen: string[] = [];
    for (let after = ''; ;) {
      const { body: page } = await shop.admin('GET', `/stock?limit=2${after}`);
      seen.push(...page.data.map((level: { sku: string; warehouseId: string }) => level.sku + level.warehouseId));
      if (!page.page.hasMore) break;
      after = `&after=${page.page.next}`;
    }
    expect([new Set(seen).size, [...seen].sort()]).toEqual([seen.length, seen]);
  });

  test('cannot fall below what is reserved, or below nothing: then no line is applied', async () => {
    const [sku, other] = [await shop.stocked([near, 5]), await shop.product()];
    await reserve([{ sku, quantity: 4 }]);
    const down = [
      { sku: other, quantity: 9 },
      { sku, quantity: -2 },
    ];
    expect(told(await adjust(down))).toEqual([409, 'out-of-stock']);
    expect(told(await adjust([{ sku: other, quantity: -1 }]))).toEqual([409, 'out-of-stock']);
    expect((await shop.ask('GET', `/v1/stock/${encodeURIComponent(other)}`)).status).toBe(404);
    expect(await available(sku)).toBe(1);
  });

  test.each([
    ['an unknown sku', [{ sku: 'NO SUCH', quantity: 1 }], '/lines/0/sku', 'unknown-sku'],
    ['nothing', [{ sku: 'A', quantity: 0 }], '/lines/0/quantity', 'custom'],
    ['half a unit', [{ sku: 'A', quantity: 0.5 }], '/lines/0/quantity', 'invalid-type'],
    ['more than can be', [{ sku: 'A', quantity: 1e9 }], '/lines/0/quantity', 'too-big'],
    ['a number beyond all', [{ sku: 'A', quantity: 1e30 }], '/lines/0/quantity', 'too-big'],
    ['no lines', [], '/lines', 'too-small'],
    ['an unknown field', [{ sku: 'A', quantity: 1, colour: 'red' }], '/lines/0/colour', 'unknown-field'],
  ])('is not adjusted by %s', async (_what, lines, pointer, code) => {
    const answer = await adjust(lines);
    expect(told(answer)).toEqual([422, 'validation-failed']);
    expect(answer.body.errors[0]).toMatchObject({ pointer, code });
  });

  test('has an upper bound that many adjustments together cannot pass', async () => {
    const sku = await shop.product();
    await shop.database.pool.query('insert into stock_items (sku, on_hand) values ($1, 999999999)', [sku]);
    await shop.database.pool.query('insert into stock_levels (sku, warehouse_id, on_hand) values ($1, $2, 999999999)', [
      sku,
      near,
    ]);
    expect(told(await adjust([{ sku, quantity: 2 }]))).toEqual([422, 'validation-failed']);
    await shop.database.pool.query('delete from stock_levels where sku = $1', [sku]);
    await shop.database.pool.query('delete from stock_items where sku = $1', [sku]);
  });

  test('needs an Idempotency-Key to move, moves once for it, and nobody without the token moves it', async () => {
    const sku = await shop.product();
    const body = { warehouseId: near, kind: 'receipt', lines: [{ sku, quantity: 3 }] };
    const key = { 'Idempotency-Key': 'the-same-key' };
    const answers = await Promise.all(
      [1, 2, 3].map(() => insist(() => shop.admin('POST', '/stock/adjustments', body, key))),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(await available(sku)).toBe(3);
    for (const [where, sent] of [
      ['/stock/adjustments', body],
      ['/reservations', { lines: body.lines }],
      [`/reservations/rsv_${'0'.repeat(36)}/release`, undefined],
    ] as const) {
      const Authorization = 'Bearer a-token-for-these-tests';
      expect(told(await shop.ask('POST', `/v1/admin${where}`, sent, { Authorization }))).toEqual([
        400,
        'idempotency-key-required',
      ]);
      expect(told(await shop.ask('POST', `/v1/admin${where}`, sent, key))).toEqual([401, 'unauthenticated']);
    }
  });

  test('has a history that nobody rewrites', async () => {
    const { pool } = shop.database;
    await shop.stocked([near, 1]);
    await expect(pool.query('update stock_movements set quantity = 9')).rejects.toThrow('append-only');
    await expect(pool.query('delete from stock_movements')).rejects.toThrow('append-only');
  });
});

describe('a reservation', () => {
  test('is filled from the nearest warehouse, from several only where one has not enough', async () => {
    const sku = await shop.stocked([near, 3], [far, 10]);
    const small = await reserve([{ sku, quantity: 2 }]);
    expect(small.body.lines).toEqual([{ sku, warehouseId: near, quantity: 2 }]);
    const whole = await reserve([{ sku, quantity: 8 }]);
    expect(whole.body.lines).toEqual([{ sku, warehouseId: far, quantity: 8 }]);
    const split = await reserve([{ sku, quantity: 3 }]);
    expect(split.body.lines).toEqual(
      expect.arrayContaining([
        { sku, warehouseId: near, quantity: 1 },
        { sku, warehouseId: far, quantity: 2 },
      ]),
    );
    expect(await available(sku)).toBe(0);
  });

  test('of a basket goes to the one warehouse that has all of it', async () => {
    const [a, b] = [await shop.stocked([near, 5], [far, 5]), await shop.stocked([far, 5])];
    const { body } = await reserve([a, b].map((sku) => ({ sku, quantity: 1 })));
    expect(body.lines.map(({ warehouseId }: { warehouseId: string }) => warehouseId)).toEqual([far, far]);
  });

  test('is held, then sold, then comes back: each step once, however often it is asked for', async () => {
    const sku = await shop.stocked([near, 5]);
    const made = await reserve([{ sku, quantity: 2 }], { reference: 'ord_1' });
    expect(made.body).toMatchObject({ state: 'held', reference: 'ord_1', version: 1 });
    const where = `/reservations/${made.body.id}`;
    for (let i = 0; i < 2; i++)
      expect((await shop.admin('POST', `${where}/commitment`)).body).toMatchObject({ state: 'committed', version: 2 });
    const { body: levels } = await shop.admin('GET', `/stock?sku=${encodeURIComponent(sku)}`);
    expect(levels.data).toMatchObject([{ onHand: 3, reserved: 0 }]);
    for (let i = 0; i < 2; i++)
      expect((await shop.admin('POST', `${where}/release`)).body).toMatchObject({ state: 'released', version: 3 });
    expect(told(await shop.admin('POST', `${where}/commitment`))).toEqual([409, 'reservation-closed']);
    expect(await available(sku)).toBe(5);
    const { body: movements } = await shop.admin('GET', `/stock/movements?sku=${encodeURIComponent(sku)}`);
    expect(movements.data.map(({ kind }: { kind: string }) => kind)).toEqual(['return', 'sale', 'receipt']);
    expect(movements.data[0].reference).toBe(made.body.id);
  });

  test('whose time is over by the database cannot be sold, and the sweeper gives its stock back', async () => {
    const sku = await shop.stocked([near, 5]);
    const [gone, young] = [await reserve([{ sku, quantity: 2 }]), await reserve([{ sku, quantity: 1 }])];
    await shop.database.pool.query(`update reservations set expires_at = now() - interval '1 second' where id = $1`, [
      gone.body.id,
    ]);
    expect(told(await shop.admin('POST', `/reservations/${gone.body.id}/commitment`))).toEqual([
      409,
      'reservation-closed',
    ]);
    // A clock of ours that is ten minutes wrong, either way, does not matter: the database's decides.
    const clock = { ...systemClock, now: () => Date.now() - 600_000 };
    const sweeper = startSweeper({ database: shop.database, log: pino({ level: 'silent' }), clock });
    await until('it is released', () => sweeper.released() === 1);
    expect(sweeper.status()).toMatchObject({ errors: 0, lastSuccessAt: expect.any(Number) });
    await sweeper.close();
    expect(await available(sku)).toBe(4);
    const state = async (id: string): Promise<string> => (await shop.admin('GET', `/reservations/${id}`)).body.state;
    expect([await state(gone.body.id), await state(young.body.id)]).toEqual(['released', 'held']);
  });

  test('the sweeper counts what goes wrong and goes on', async () => {
    let calls = 0;
    const transaction: Shop['database']['transaction'] = (work, options) =>
      calls++ === 0 ? Promise.reject(new Error('away')) : shop.database.transaction(work, options);
    const sweeper = startSweeper({ database: { transaction }, log: pino({ level: 'silent' }), clock: systemClock });
    await until('it succeeds', () => sweeper.status().runs > 0);
    expect(sweeper.status()).toMatchObject({ errors: 1, consecutiveErrors: 0, lastError: 'away' });
    await sweeper.close();
  });

  test.each([
    ['an unknown sku', [{ sku: 'NO SUCH', quantity: 1 }], '/lines/0/sku'],
    ['nothing', [{ sku: 'A', quantity: 0 }], '/lines/0/quantity'],
    ['fewer than nothing', [{ sku: 'A', quantity: -1 }], '/lines/0/quantity'],
    ['more than can be', [{ sku: 'A', quantity: 1e12 }], '/lines/0/quantity'],
    ['no lines', [], '/lines'],
  ])('is not made of %s', async (_what, lines, pointer) => {
    const answer = await reserve(lines);
    expect(told(answer)).toEqual([422, 'validation-failed']);
    expect(answer.body.errors[0].pointer).toBe(pointer);
  });

  test('is 404 where there is none', async () => {
    for (const id of ['rsv_x', `rsv_${'0'.repeat(36)}`])
      expect(told(await shop.admin('POST', `/reservations/${id}/release`))).toEqual([404, 'not-found']);
  });
});

describe('whatever is done to stock, in whatever order', () => {
  type Command =
    | { readonly do: 'reserve'; readonly wants: readonly (readonly [number, number])[] }
    | { readonly do: 'commitment' | 'release'; readonly which: number }
    | { readonly do: 'adjust'; readonly item: number; readonly quantity: number };
  const commands = fc.array(
    fc.oneof(
      fc.record({
        do: fc.constant('reserve' as const),
        wants: fc.array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ do: fc.constantFrom('commitment' as const, 'release' as const), which: fc.nat(5) }),
      fc.record({ do: fc.constant('adjust' as const), item: fc.nat(1), quantity: fc.constantFrom(-4, -1, 2, 5) }),
    ),
    { minLength: 5, maxLength: 20 },
  ) as fc.Arbitrary<Command[]>;

  test('the shop agrees with a model in memory, and the invariants hold', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (story) => {
        const skus = [await shop.stocked([near, 5], [far, 5]), await shop.stocked([near, 3])];
        const onHand = [10, 3];
        const nearHas = [5, 3];
        const held: { id: string; wants: [number, number][]; state: 'held' | 'committed' | 'released' }[] = [];
        const free = (item: number): number =>
          onHand[item]! -
          held.reduce((sum, { state, wants }) => {
            return sum + (state === 'held' ? wants.reduce((s, [i, q]) => s + (i === item ? q : 0), 0) : 0);
          }, 0);
        for (const command of story) {
          if (command.do === 'reserve') {
            const lines = command.wants.map(([item, quantity]) => ({ sku: skus[item]!, quantity }));
            const fits = mergeLines(lines).every(({ sku, quantity }) => quantity <= free(skus.indexOf(sku)));
            const { status, body } = await reserve(lines);
            expect(status).toBe(fits ? 201 : 409);
            if (fits) held.push({ id: body.id, wants: command.wants as [number, number][], state: 'held' });
          } else if (command.do === 'adjust') {
            // Only ever adds where the model does not know how full the warehouse is.
            if (command.quantity < 0 && nearHas[command.item]! + command.quantity < 0) continue;
            const { status } = await adjust([{ sku: skus[command.item]!, quantity: command.quantity }]);
            if (command.quantity > 0) expect(status).toBe(201);
            if (status === 201) onHand[command.item]! += command.quantity;
            if (status === 201) nearHas[command.item]! += command.quantity;
          } else {
            const one = held[command.which];
            if (!one) continue;
            const { status } = await shop.admin('POST', `/reservations/${one.id}/${command.do}`);
            const change = transitionOf(one.state, command.do === 'release' ? 'release' : 'commit');
            expect(status).toBe(change === undefined ? 409 : 200);
            if (change === undefined || change === 'already so') continue;
            for (const [item, quantity] of one.wants) onHand[item]! += change.onHand * quantity;
            one.state = change.to;
          }
        }
        expect([await available(skus[0]!), await available(skus[1]!)]).toEqual([free(0), free(1)]);
        expect(await brokenInvariants(shop.database.pool)).toEqual([]);
      }),
      { seed: 11, numRuns: 5 },
    );
  });

  test('merging lines keeps every unit and has each sku once', () => {
    const lines = fc.array(
      fc.record({ sku: fc.constantFrom('a', 'b', 'c'), quantity: fc.integer({ min: 1, max: 9 }) }),
    );
    fc.assert(
      fc.property(lines, (given) => {
        const merged = mergeLines(given);
        expect(new Set(merged.map(({ sku }) => sku)).size).toBe(merged.length);
        const total = (some: readonly { quantity: number }[]): number =>
          some.reduce((sum, { quantity }) => sum + quantity, 0);
        expect(total(merged)).toBe(total(given));
      }),
      { seed: 11 },
    );
  });
});
