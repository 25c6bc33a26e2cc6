import { baselineMetrics } from '../../src/core';
import { type Generated, generate, isShapeName, SHAPES, split } from './shapes';

/** Most popular and item-item cosine on the split that the other contenders learn from. Prints one JSON line. */
async function main(): Promise<void> {
  const name = process.argv[2] ?? 'A';
  if (!isShapeName(name)) throw new Error(`There is no shape ${name}`);
  const shape = SHAPES[name];
  const { train, test } = split(generate(shape));
  const columns = {
    userIds: Array.from({ length: shape.users }, (_, i) => String(i)),
    itemIds: Array.from({ length: shape.items }, (_, i) => String(i)),
    ...train,
  };
  const step = Math.max(1, Math.floor(shape.users / 3_000));
  function* held({ users, items }: Generated): Generator<{ user: string; item: string }> {
    for (let e = 0; e < users.length; e++)
      if ((users[e] as number) % step === 0) yield { user: String(users[e]), item: String(items[e]) };
  }
  const { itemCosine, mostPopular } = await baselineMetrics(columns, held(test));
  const of = ({ recall, ndcg }: typeof itemCosine): object => ({ recall: recall[20], ndcg: ndcg[20] });
  console.log(JSON.stringify({ 'item-item cosine': of(itemCosine), 'most popular': of(mostPopular) }));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
