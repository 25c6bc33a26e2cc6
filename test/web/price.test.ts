import { formatPrice } from '../../web/src/lib/price';

describe('prices for people', () => {
  test.each([
    [295, 'GBP', '£2.95'],
    [0, 'GBP', '£0.00'],
    [123456789, 'EUR', '€1,234,567.89'],
    [295, 'JPY', 'JP¥295'],
    [295, 'KWD', 'KWD 0.295'],
  ])('%d minor units of %s are %s', (amount, currency, words) => {
    expect(formatPrice({ amount, currency }).replace(/\s/g, ' ')).toBe(words);
  });
});
