import { AlsModel, type Explanation, type RangeExplanation, RangeIndex } from '../../src/core';

/** Holds in both directions, which assignability alone does not tell. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** What is not true does not compile: `npm run typecheck` is the test. */
const holds = <T extends true>(value?: T): T | undefined => value;

test('each engine explains by a type of its own, and both have a name', async () => {
  holds<Same<ReturnType<RangeIndex['explain']>, RangeExplanation>>();
  holds<Same<ReturnType<AlsModel['explain']>, Explanation>>();
  // @ts-expect-error: one is not the other.
  holds<Same<Explanation, RangeExplanation>>();

  using index = new RangeIndex({ numbers: { price: { tree: true } } });
  index.set(1, { price: 5 });
  const range: RangeExplanation = index.explain({ price: { gte: 1 } });
  expect(range).toMatchObject({ driver: 'price', rows: 1, total: 1 });
  using model = await AlsModel.fit([{ user: 'ann', item: 'mug' }], { factors: 2, iterations: 1 });
  const als: Explanation = model.explain('ann', 'mug');
  expect(als.parts.map(({ item }) => item)).toEqual(['mug']);
});
