import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { mayBecome, STATES } from '../../../src/contexts/experiments/rules';
import { goodnessOfFit } from '../../../src/contexts/experiments/statistics';
import { variantFor, type Variant } from '../../../src/kernel/variants';

/** Visitors that are the same in every run. */
const visitors = Array.from({ length: 8_000 }, (_, n) => {
  const hex = createHash('md5').update(`visitor ${n}`).digest('hex');
  return `vis_${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
});
const sharesOf = (experiment: string, variants: readonly Variant[]): number[] => {
  const counts = new Map<string, number>();
  for (const visitor of visitors) {
    const shown = variantFor(experiment, variants, visitor);
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  return variants.map(({ key }) => counts.get(key) ?? 0);
};
const variantsOf = (...weights: number[]): Variant[] => weights.map((weight, n) => ({ key: `v${n}`, weight }));

describe('the variant that a visitor sees', () => {
  test.each([[[1, 1]], [[9, 1]], [[99, 1]], [[1, 2, 3]], [[1, 1, 1, 1, 1, 1, 1, 1, 1, 1]]])(
    'is each in proportion to its weight: %j',
    (weights) => {
      // The visitors are fixed, so this holds always or never; by chance it would fail one time in a thousand.
      const fit = goodnessOfFit(sharesOf(`shares ${weights.join()}`, variantsOf(...weights)), weights);
      expect(fit?.pValue).toBeGreaterThan(0.001);
    },
  );

  test('says nothing about what the visitor sees of another experiment', () => {
    const variants = variantsOf(1, 1);
    const together = visitors.filter(
      (visitor) => variantFor('one', variants, visitor) === variantFor('other', variants, visitor),
    ).length;
    expect(goodnessOfFit([together, visitors.length - together], [1, 1])?.pValue).toBeGreaterThan(0.001);
  });

  test('changes with a weight only to or from the variant that has it', () => {
    const weight = fc.integer({ min: 1, max: 1_000_000 });
    const some = fc.constantFrom(...visitors.slice(0, 500));
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: 2, maxLength: 10 }),
        fc.nat(),
        weight,
        some,
        (weights, pick, other, visitor) => {
          const changed = pick % weights.length;
          const variants = variantsOf(...weights);
          const after = variants.map((one, n) => (n === changed ? { ...one, weight: other } : one));
          const [was, is] = [variantFor('x', variants, visitor), variantFor('x', after, visitor)];
          if (was === is) return;
          expect(other > (weights[changed] ?? 0) ? is : was).toBe(`v${changed}`);
        },
      ),
    );
  });

  test('does not depend on the order of variants, nor move when one that it is not goes', () => {
    const some = fc.constantFrom(...visitors.slice(0, 500));
    const weights = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(weights, some, fc.nat(), (given, visitor, pick) => {
        const variants = variantsOf(...given);
        const shown = variantFor('x', variants, visitor);
        expect(variantFor('x', [...variants].reverse(), visitor)).toBe(shown);
        const gone = variants[pick % variants.length]?.key;
        if (gone === shown) return;
        expect(
          variantFor(
            'x',
            variants.filter(({ key }) => key !== gone),
            visitor,
          ),
        ).toBe(shown);
      }),
    );
  });

  test('is what it was in earlier versions: a running experiment must not be shuffled', () => {
    const shown = visitors.slice(0, 12).map((visitor) => variantFor('checkout-button', variantsOf(3, 1), visitor));
    expect(shown.join(' ')).toBe('v0 v0 v0 v1 v1 v1 v0 v0 v0 v0 v1 v0');
  });
});

test('an experiment goes from draft to running to stopped, and never back', () => {
  const ways = STATES.flatMap((from) => STATES.filter((to) => mayBecome(from, to)).map((to) => `${from} → ${to}`));
  expect(ways).toEqual([
    'draft → draft',
    'draft → running',
    'running → running',
    'running → stopped',
    'stopped → stopped',
  ]);
});
