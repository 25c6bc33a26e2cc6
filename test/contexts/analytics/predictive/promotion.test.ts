import fc from 'fast-check';
import { csvLine } from '../../../../src/contexts/analytics/predictive/presenting';
import { decide, TOLERANCE } from '../../../../src/contexts/analytics/predictive/promotion';

describe('a place in production', () => {
  test('is for a model that is no worse than the simplest guess, and no worse than the one there', () => {
    expect(decide(0.3, undefined)).toEqual({
      promoted: true,
      verdict: 'promoted: the first in production, skill 30.0 %',
    });
    expect(decide(-0.01, undefined)).toMatchObject({ promoted: false });
    expect(decide(-0.01, -0.5)).toMatchObject({ promoted: false });
    expect(decide(0.29, 0.3)).toMatchObject({ promoted: true });
    expect(decide(0.2, 0.3)).toEqual({
      promoted: false,
      verdict: 'not promoted: skill 20.0 %, and 30.0 % of the model in production',
    });
    expect(decide(NaN, undefined)).toMatchObject({ promoted: false });
  });

  test('is never lost to a model that did worse by more than two windows differ', () => {
    const skill = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(skill, skill, (challenger, champion) => {
        if (decide(challenger, champion).promoted) expect(challenger).toBeGreaterThanOrEqual(champion - TOLERANCE);
      }),
    );
  });
});

test('a line of CSV is quoted where it must be, and is no formula', () => {
  expect(csvLine(['a', 1.5, { amount: 250, currency: 'GBP' }])).toBe('a,1.5,250\r\n');
  expect(csvLine(['=1+1', 'say "hi", you'])).toBe('\'=1+1,"say ""hi"", you"\r\n');
});
