import fc from 'fast-check';
import type { Cart, CartLine } from '../../web/src/api/cart';
import { addressOf, checkFields, EMPTY, fieldErrorsOf } from '../../web/src/checkout/fields';
import { withWanted } from '../../web/src/cart/wanted';

const line = (sku: string, quantity: number, amount: number, available: number): CartLine => ({
  sku,
  quantity,
  productId: 'prd_1',
  name: sku,
  image: null,
  unitPrice: { amount, currency: 'GBP' },
  total: { amount: amount * quantity, currency: 'GBP' },
  available,
  problem: available === 0 ? 'out-of-stock' : available < quantity ? 'short-of-stock' : null,
});
const cartOf = (lines: CartLine[]): Cart => ({
  id: 'crt_1',
  version: 1,
  currency: 'GBP',
  lines,
  units: lines.reduce((sum, { quantity }) => sum + quantity, 0),
  subtotal: { amount: lines.reduce((sum, { total }) => sum + (total?.amount ?? 0), 0), currency: 'GBP' },
  ready: lines.length > 0 && lines.every(({ problem }) => problem === null),
  coupon: null,
});

describe('what the basket shows before a change is saved', () => {
  test('is what the shop says when it is', () => {
    const small = fc.integer({ min: 1, max: 50 });
    const lines = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), small, small, fc.nat(60)), {
      selector: ([sku]) => sku,
    });
    fc.assert(
      fc.property(lines, fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'x'), fc.nat(60)), (held, wanted) => {
        const wish = new Map(Object.entries(wanted));
        const before = cartOf(held.map(([sku, quantity, amount, available]) => line(sku, quantity, amount, available)));
        const after = held.flatMap(([sku, quantity, amount, available]) => {
          const then = wish.get(sku) ?? quantity;
          return then === 0 ? [] : [line(sku, then, amount, available)];
        });
        expect(withWanted(before, wish)).toEqual(cartOf(after));
      }),
      { seed: 1 },
    );
  });
});

describe('the checkout form', () => {
  const filled = {
    ...EMPTY,
    email: ' ada@example.com ',
    name: 'Ada',
    street: ' 12 Square ',
    city: 'London',
    postcode: 'SW1',
    country: 'GB',
    method: 'card',
  };
  test('says of each field what is wrong, and nothing of one that is right', () => {
    expect(Object.keys(checkFields(EMPTY, false))).toEqual(['email', 'name', 'street', 'city', 'postcode', 'country']);
    expect(checkFields(filled, false)).toEqual({});
    expect(checkFields(filled, true)).toEqual({ state: 'Choose the state' });
    expect(Object.keys(checkFields({ ...filled, email: 'ada', postcode: 'x'.repeat(21) }, false))).toEqual([
      'email',
      'postcode',
    ]);
  });

  test('sends an address without empty lines, and brings the shop’s objections to their fields', () => {
    expect(addressOf(filled, false)).toEqual({
      name: 'Ada',
      lines: ['12 Square'],
      city: 'London',
      postcode: 'SW1',
      country: 'GB',
    });
    expect(addressOf({ ...filled, more: 'Flat 2', country: 'US', state: 'CA' }, true)).toMatchObject({
      lines: ['12 Square', 'Flat 2'],
      state: 'CA',
    });
    const detail = 'is wrong';
    const violations = ['/email', '/shippingAddress/postcode', '/shippingAddress/lines/1', '/lines/0/sku'];
    expect(fieldErrorsOf(violations.map((pointer) => ({ pointer, detail })))).toEqual({
      email: 'This is wrong',
      postcode: 'This is wrong',
      more: 'This is wrong',
    });
  });
});
