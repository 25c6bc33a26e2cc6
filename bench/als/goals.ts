import { mkdtemp, rm, stat } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import os from 'node:os';
import path from 'node:path';
import { AlsModel, type InteractionColumns } from '../../src/core';
import { generate, type Shape, SHAPES, split, type Generated } from './shapes';
import { tuning } from './tuning';

const columnsOf = (shape: Shape, data: Generated): InteractionColumns => ({
  userIds: Array.from({ length: shape.users }, (_, i) => String(i)),
  itemIds: Array.from({ length: shape.items }, (_, i) => String(i)),
  ...data,
});
const cpu = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

/** Goal 6: how long the loop waits while C is learnt, and how soon an abort is answered. */
async function freeLoop(): Promise<Record<string, string>> {
  const columns = columnsOf(SHAPES.C, generate(SHAPES.C));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const abort = new AbortController();
  let abortedAt = 0;
  await AlsModel.fit(columns, {
    ...{ factors: 64, iterations: 3, signal: abort.signal },
    onProgress: ({ phase, done }) => {
      if (phase === 'building') delay.enable();
      if (phase !== 'training' || done !== 4) return;
      delay.disable();
      setTimeout(() => {
        abortedAt = performance.now();
        abort.abort();
      }, 50);
    },
  }).then(
    (model) => model.close(),
    () => undefined,
  );
  const answered = abortedAt === 0 ? 'it had ended before' : `${(performance.now() - abortedAt).toPrecision(3)} ms`;
  return {
    'event-loop delay p99 while C 64 is learnt (1 ms of it is the timer)': `${(delay.percentile(99) / 1e6).toPrecision(3)} ms`,
    'abort amid a half step of C 64': answered,
  };
}

/** Goal 9: 5 % new interactions, one warm iteration against 16 from nothing. */
async function incremental(): Promise<Record<string, string>> {
  const shape = SHAPES.A;
  const { train, test } = split(generate(shape));
  const known = train.users.map((_, e) => (e % 20 === 0 ? 0 : 1));
  const old = {
    users: train.users.filter((_, e) => known[e] === 1),
    items: train.items.filter((_, e) => known[e] === 1),
  };
  const held = Array.from(test.users, (user, e) => ({ user: String(user), item: String(test.items[e]) }));
  using before = await AlsModel.fit(columnsOf(shape, old), { factors: 64 });
  let from = cpu();
  using full = await AlsModel.fit(columnsOf(shape, train), { factors: 64 });
  const fullCost = cpu() - from;
  from = cpu();
  using warm = await AlsModel.fit(columnsOf(shape, train), { factors: 64, iterations: 1, warmStart: before });
  const warmCost = cpu() - from;
  const [ofFull, ofWarm] = [await full.evaluate(held), await warm.evaluate(held)];
  return {
    'warm iteration after 5 % new, NDCG@20 against a new training': `${((100 * (ofWarm.ndcg[20] as number)) / (ofFull.ndcg[20] as number)).toFixed(2)} %`,
    'warm iteration after 5 % new, cost against a new training, reading included': `${((100 * warmCost) / fullCost).toFixed(1)} %`,
  };
}

/** Goal 10: a million users of 64 factors from a file. */
async function file(): Promise<Record<string, string>> {
  const shape: Shape = { users: 1_000_000, items: 20_000, entries: 6_000_000, tastes: 100 };
  const folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-bench-als-'));
  try {
    const name = path.join(folder, 'model');
    using model = await AlsModel.fit(columnsOf(shape, generate(shape)), { factors: 64, iterations: 1 });
    await model.save(name);
    const times: { wall: number; cpu: number }[] = [];
    for (let i = 0; i < 3; i++) {
      const [from, began] = [cpu(), performance.now()];
      using loaded = await AlsModel.load(name);
      times.push({ wall: performance.now() - began, cpu: 1000 * (cpu() - from) });
      loaded.recommend('17');
    }
    const least = (key: 'wall' | 'cpu'): string => Math.min(...times.map((one) => one[key])).toPrecision(3);
    return {
      'load of 1,000,000 users × 64, least of 3': `${least('wall')} ms, ${least('cpu')} ms of the processor`,
      'size of that file': `${((await stat(name)).size / 1e6).toFixed(0)} MB`,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const parts = process.argv[2]?.split(',') ?? ['loop', 'incremental', 'file', 'tune'];
  const out: Record<string, string> = {};
  if (parts.includes('loop')) Object.assign(out, await freeLoop());
  if (parts.includes('incremental')) Object.assign(out, await incremental());
  if (parts.includes('file')) Object.assign(out, await file());
  if (parts.includes('tune')) Object.assign(out, await tuning());
  console.log(JSON.stringify(out));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
