import fc from 'fast-check';
import {
  blend,
  complements,
  customerKey,
  decay,
  diversify,
  freshness,
  isNoWorse,
  rulesScore,
  sharesOf,
  stabilityIndex,
  type Candidate,
} from '../../../src/contexts/recommendations/rules';
import { verdictOf } from '../../../src/contexts/recommendations/training/train';

const unit = fc.double({ min: 0, max: 1, noNaN: true });
const parts = fc.record({ collaborative: unit, content: unit, rules: unit });
const speaks = fc.record({ collaborative: fc.boolean(), content: fc.boolean(), rules: fc.boolean() });

describe('the mix', () => {
  test('sums to 1 over the parts that have something to say, and gives the others nothing', () => {
    fc.assert(
      fc.property(parts, speaks, (mix, says) => {
        const shares = sharesOf(mix, says);
        const sum = shares.collaborative + shares.content + shares.rules;
        const anybody = says.collaborative || says.content || says.rules;
        expect(sum).toBeCloseTo(anybody ? 1 : 0, 9);
        for (const part of ['collaborative', 'content', 'rules'] as const)
          if (!says[part]) expect(shares[part]).toBe(0);
      }),
    );
  });

  test('is 60, 30 and 10 of 100 where all speak, and keeps its proportions where one is silent', () => {
    const mix = { collaborative: 0.6, content: 0.3, rules: 0.1 };
    const all = sharesOf(mix, { collaborative: true, content: true, rules: true });
    expect([all.collaborative, all.content, all.rules].map((share) => share.toFixed(9))).toEqual(
      [0.6, 0.3, 0.1].map((share) => share.toFixed(9)),
    );
    const without = sharesOf(mix, { collaborative: false, content: true, rules: true });
    expect(without.content / without.rules).toBeCloseTo(3, 9);
  });

  test('of parts between 0 and 1 is between 0 and 1', () => {
    fc.assert(
      fc.property(parts, speaks, parts, (mix, says, said) => {
        const score = blend(sharesOf(mix, says), said);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});

describe('a list', () => {
  const candidates = fc
    .array(fc.record({ score: unit, category: fc.option(fc.nat(4), { nil: undefined }) }), { maxLength: 40 })
    .map((list) =>
      list.map((one, row): Candidate => ({ ...one, row })).sort((a, b) => b.score - a.score || a.row - b.row),
    );
  const likeness = (a: number, b: number): number => (a % 3 === b % 3 ? 0.9 : 0.1);

  test('has everybody once, as many as there is room for, and the best first', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 20 }), unit, (list, limit, diversity) => {
        const chosen = diversify(list, limit, { diversity: diversity * 0.9, mostPerCategory: 0.5 }, likeness);
        expect(chosen).toHaveLength(Math.min(limit, list.length));
        expect(new Set(chosen.map(({ row }) => row)).size).toBe(chosen.length);
        expect(chosen[0]).toEqual(list[0]);
      }),
    );
  });

  test('gives no category more than its share while somebody else is left', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 20 }), (list, limit) => {
        const chosen = diversify(list, limit, { diversity: 0, mostPerCategory: 0.5 }, likeness);
        const most = Math.max(1, Math.floor(limit * 0.5));
        const of = (all: readonly Candidate[], category: number): number =>
          all.filter((one) => one.category === category).length;
        const without = list.filter(({ category }) => category === undefined).length;
        const possible = [0, 1, 2, 3, 4].reduce((sum, category) => sum + Math.min(most, of(list, category)), without);
        if (possible < Math.min(limit, list.length)) return;
        for (const category of [0, 1, 2, 3, 4]) expect(of(chosen, category)).toBeLessThanOrEqual(most);
      }),
    );
  });

  test('puts what is unlike the first above what is nearly the same, where the scores are close', () => {
    const list = [0, 3, 1].map((row, i) => ({ row, score: 0.9 - 0.01 * i, category: undefined }));
    const order = (diversity: number): number[] =>
      diversify(list, 3, { diversity, mostPerCategory: 1 }, likeness).map(({ row }) => row);
    expect(order(0)).toEqual([0, 3, 1]);
    expect(order(0.3)).toEqual([0, 1, 3]);
  });
});

test('what somebody did fades, and never to nothing', () => {
  expect(decay(0, 1000)).toBe(1);
  expect(decay(1000, 1000)).toBeCloseTo(0.5);
  expect(decay(1e9, 1000)).toBe(0.05);
});

test('what goes well with something is related to it, and not the same', () => {
  expect(complements(0.5)).toBe(1);
  expect(complements(1)).toBe(0);
  expect(complements(0)).toBe(0);
});

test('rules weigh what is wanted, what sells and what is new, from 0 to 1', () => {
  const weights = { trending: 0.5, popular: 0.3, fresh: 0.2, margin: 0.2 };
  expect(rulesScore(weights, { trending: 1, popular: 1, fresh: 1 })).toBeCloseTo(1);
  expect(rulesScore(weights, { trending: 1, popular: 0, fresh: 0 })).toBeCloseTo(0.5);
  expect(freshness(undefined, 0)).toBe(0);
  expect(freshness(1_000, 1_000)).toBe(1);
});

test('a customer has one key, however the address is written', () => {
  expect(customerKey(' Ann@Example.com ')).toBe(customerKey('ann@example.com'));
  expect(customerKey('ann@example.com')).toMatch(/^cus_[0-9a-f]{32}$/);
  expect(customerKey('bob@example.com')).not.toBe(customerKey('ann@example.com'));
});

test('the stability index is 0 for the same shares, and grows as they part', () => {
  expect(stabilityIndex([10, 20], [100, 200])).toBeCloseTo(0);
  const [near, far] = [stabilityIndex([50, 50], [55, 45]), stabilityIndex([50, 50], [90, 10])];
  expect(near).toBeLessThan(0.1);
  expect(far).toBeGreaterThan(0.25);
});

describe('the verdict on a model', () => {
  const figures = (ndcg10: number): { recall20: number; ndcg10: number; ndcg100: number } => ({
    recall20: 0.2,
    ndcg10,
    ndcg100: 0.3,
  });
  const evaluation = (model: number | null, active: number | null): Parameters<typeof verdictOf>[0] => ({
    users: 10_000,
    learntFrom: 9,
    measuredOn: 9,
    cutAt: null,
    mostPopular: null,
    itemCosine: null,
    model: model === null ? null : figures(model),
    active: active === null ? null : figures(active),
    activeIs: 'as-it-is',
  });

  test('is no for one that is worse than the active one, and yes within the noise', () => {
    expect(isNoWorse(0.097, 0.1, 10_000)).toBe(false);
    expect(isNoWorse(0.097, 0.1, 100)).toBe(true);
    expect(verdictOf(evaluation(0.08, 0.1), { version: 1 })).toMatchObject({ promote: false });
    expect(verdictOf(evaluation(0.099, 0.1), { version: 1 })).toMatchObject({ promote: true });
  });

  test('is yes for the first that cannot be measured, and for one that is no worse than what sells most', () => {
    expect(verdictOf(evaluation(null, null), undefined).promote).toBe(true);
    const beside = (model: number, ndcg10: number): ReturnType<typeof verdictOf> =>
      verdictOf({ ...evaluation(model, null), mostPopular: figures(ndcg10) }, undefined);
    expect(beside(0.1, 0.09)).toMatchObject({ promote: true });
    expect(beside(0.07, 0.09)).toMatchObject({ promote: false, note: expect.stringMatching(/^Worse/) });
  });

  test('takes no more than a tenth for noise, however few are measured', () => {
    expect([isNoWorse(0.091, 0.1, 10), isNoWorse(0.089, 0.1, 10)]).toEqual([true, false]);
  });
});
