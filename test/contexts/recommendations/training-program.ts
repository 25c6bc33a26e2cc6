/** The process of a training as the tests have it: the real one, but for what it learns from. See lessons.ts. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { serveTraining } from '../../../src/contexts/recommendations/training/worker';
import type { SourceInteraction } from '../../../src/contexts/recommendations/types';
import type { Database } from '../../../src/platform/database';
import { beginLesson } from './lessons';
import { product } from './shelf';
import { tastes } from './tastes';

/** A test that waits for as long has failed. */
const MOST_MS = 60_000;

async function* interactions({ pool }: Database): AsyncGenerator<SourceInteraction> {
  const { lesson, gate } = await beginLesson(pool);
  if (lesson === 'strange') yield { user: 'ann', product: { sku: 'gone' }, kind: 'view', at: 1 };
  else yield* tastes({ users: lesson === 'nobody' ? 0 : 150, later: lesson === 'later' });
  if (lesson === 'endless') await once(process, 'never');
  if (lesson === 'dies') process.kill(process.pid, 'SIGKILL');
  if (lesson === 'throws') throw new Error('the orders cannot be read');
  if (lesson === 'holds') {
    const [clock, until] = [new Int32Array(new SharedArrayBuffer(4)), performance.now() + MOST_MS];
    while (!existsSync(gate) && performance.now() < until) Atomics.wait(clock, 0, 0, 20);
  }
}

serveTraining((database) => ({
  products: async function* () {
    for (let n = 0; n < 60; n++) yield await Promise.resolve(product(n));
  },
  interactions: () => interactions(database),
}));
