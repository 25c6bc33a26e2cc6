import fc from 'fast-check';
import { trainChurn } from '../../../../src/contexts/analytics/predictive/churn';
import { CHURN_FEATURES, featuresAt } from '../../../../src/contexts/analytics/predictive/churn-features';
import {
  areaUnderCurve,
  brierScore,
  deciles,
  logLoss,
} from '../../../../src/contexts/analytics/predictive/classification';
import { toPurchaseDays } from '../../../../src/contexts/analytics/predictive/purchases';
import { Random } from '../../../support/random';
import { exponential, gamma } from './draws';

describe('the measures of probabilities', () => {
  const cases = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 1 })), {
    minLength: 1,
    maxLength: 60,
  });

  test('the area under the curve is the share of pairs in the right order, ties half', () => {
    fc.assert(
      fc.property(cases, (pairs) => {
        const [probabilities, labels] = [pairs.map(([p]) => p / 20), pairs.map(([, label]) => label)];
        let [right, all] = [0, 0];
        for (const [p, label] of pairs)
          for (const [q, other] of pairs)
            if (label === 1 && other === 0) {
              all++;
              right += p > q ? 1 : p === q ? 0.5 : 0;
            }
        expect(areaUnderCurve(probabilities, labels)).toBeCloseTo(all === 0 ? 0.5 : right / all, 12);
      }),
      { seed: 1 },
    );
  });

  test('tenths hold everybody once, and together capture all that happened', () => {
    fc.assert(
      fc.property(cases, (pairs) => {
        const [probabilities, labels] = [pairs.map(([p]) => p / 20), pairs.map(([, label]) => label)];
        const table = deciles(probabilities, labels);
        expect(table.reduce((sum, { customers }) => sum + customers, 0)).toBe(pairs.length);
        const happened = labels.reduce((sum, one) => sum + one, 0);
        const counted = table.reduce((sum, { customers, actualRate }) => sum + customers * actualRate, 0);
        expect(counted).toBeCloseTo(happened, 9);
        expect(table.at(-1)?.captured).toBeCloseTo(happened === 0 ? 0 : 1, 12);
        const means = table.map(({ meanProbability }) => meanProbability);
        expect([...means].sort((a, b) => b - a)).toEqual(means);
      }),
      { seed: 1 },
    );
  });

  test('the Brier score and the log loss are what they are by hand', () => {
    expect(brierScore([0.8, 0.4], [1, 0])).toBeCloseTo((0.04 + 0.16) / 2, 12);
    expect(logLoss([0.8, 0.4], [1, 0])).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 12);
  });
});

describe('churn', () => {
  test('looks at nothing after the cutoff, and labels by what came after it', () => {
    const data = toPurchaseDays([
      { customer: 'ada', day: 100, amount: 500 },
      { customer: 'ada', day: 110, amount: 700 },
      { customer: 'ada', day: 135, amount: 900 },
      { customer: 'bob', day: 119, amount: 100 },
      { customer: 'cyd', day: 121, amount: 100 },
    ]);
    const at = (cutoff: number, ahead: number) => featuresAt(data, { cutoff, activeDays: 365, ahead, last: 150 });
    const [ada, bob, ...others] = at(120, 20);
    expect(others).toEqual([]); // cyd was not known yet
    expect([ada?.churned, bob?.churned]).toEqual([0, 1]);
    expect(at(120, 14)[0]?.churned).toBe(1);
    expect(at(140, 20)[0]?.churned).toBeUndefined();
    const plain = Array.from(ada!.features, (value) => Math.round(Math.expm1(value) * 1e6) / 1e6);
    expect(Object.fromEntries(CHURN_FEATURES.map((name, index) => [name, plain[index]]))).toMatchObject({
      'log days since the last purchase': 10,
      'log days since the first purchase': 20,
      'log purchases within 30 days': 2,
      'log money within 90 days': 1200,
      'log money of a purchase': 600,
      'log mean days between purchases': 10,
    });
    expect(featuresAt(data, { cutoff: 150, activeDays: 20, ahead: 10, last: 150 })).toHaveLength(1);
  });

  /** Customers who buy at rates of their own, some of whom leave on a day of their own. */
  function shop(customers: number): ReturnType<typeof toPurchaseDays> {
    const random = new Random(9);
    const rows = Array.from({ length: customers }, (_, number) => {
      const rate = 0.02 + gamma(random, 1) / 30;
      const end = random.chance(0.4) ? random.below(400) : 400;
      const made = [];
      for (let at = random.below(200); at < end; at += exponential(random) / rate)
        made.push({ customer: `c${number}`, day: 10_000 + Math.floor(at), amount: 1_000 });
      return made;
    });
    return toPurchaseDays(rows.flat());
  }

  test('ranks customers better than their last purchase alone, with probabilities that come true', () => {
    const { evaluation, scores } = trainChurn(shop(1_500), { aheadDays: 60, activeDays: 365 });
    expect(evaluation.areaUnderCurve).toBeGreaterThan(0.8);
    expect(evaluation.areaUnderCurve).toBeGreaterThan(evaluation.areaUnderCurveOfRecency);
    expect(evaluation.skill).toBeGreaterThan(0.3);
    expect(evaluation.deciles[0]!.lift).toBeGreaterThan(1.5);
    const off = evaluation.deciles.map(({ meanProbability, actualRate }) => Math.abs(meanProbability - actualRate));
    expect(off.reduce((sum, one) => sum + one, 0) / off.length).toBeLessThan(0.07);
    expect(Date.parse(evaluation.testedAt) - Date.parse(evaluation.trainedAt)).toBe(60 * 86_400_000);
    for (const { probability } of scores) expect(probability > 0 && probability < 1).toBe(true);
  });

  test('says what is missing: time, or customers of both kinds', () => {
    expect(() => trainChurn(shop(300), { aheadDays: 150, activeDays: 365 })).toThrow(/451 are needed to train/);
    expect(() => trainChurn(shop(60), { aheadDays: 60, activeDays: 365 })).toThrow(/30 who did not and 30 who did/);
  });
});
