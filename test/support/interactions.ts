import type { Interaction } from '../../src/core';
import { Random } from './random';

/** Users and items of a few tastes; a user mostly takes items of their own. Popular items are much more popular than others. */
export function makeInteractions(
  seed: number,
  { users = 200, items = 120, tastes = 6, perUser = 15, weights = false } = {},
): Interaction[] {
  const random = new Random(seed);
  const byTaste = Array.from({ length: tastes }, (_, taste) =>
    Array.from({ length: items }, (_, item) => item).filter((item) => item % tastes === taste),
  );
  const list: Interaction[] = [];
  for (let user = 0; user < users; user++) {
    const seen = new Set<number>();
    const count = 2 + random.below(2 * perUser - 3);
    for (let i = 0; i < count; i++) {
      const taste = random.chance(0.85) ? user % tastes : random.below(tastes);
      const item = random.pickSkewed(byTaste[taste] as number[]);
      if (seen.has(item)) continue;
      seen.add(item);
      list.push({
        user: `u${user}`,
        item: `i${item}`,
        time: random.below(1_000_000),
        ...(weights ? { weight: 1 + random.below(4) } : {}),
      });
    }
  }
  return list;
}

/** The code of what a promise rejects with, 'fulfilled' if it does not. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'fulfilled',
    (reason: unknown) => reason,
  );
  return (error as { code?: string }).code ?? String(error);
}

/** The code of what is thrown. */
export function thrownCode(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'nothing thrown';
}

export const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, k) => sum + x * b[k]!, 0);
