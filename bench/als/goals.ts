import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import os from 'node:os';
import path from 'node:path';
import { AlsModel } from '../../src/core';
import { columnsOf, generate, isShapeName, type Shape, type ShapeName, SHAPES, split } from './shapes';
import { tuning, type Tuning } from './tuning';

export const PARTS = ['loop', 'threads', 'incremental', 'file', 'tune'] as const;
export type Part = (typeof PARTS)[number];

/** What the parts found. Milliseconds, but where a name says otherwise. */
export interface Figures {
  readonly loop?:
    { readonly delayP99: number; readonly reports: number; readonly aborted: number | undefined } | undefined;
  /** Digests of all factors that differ between 1, 2 and 4 threads. */
  readonly threads?: { readonly differing: number; readonly trainings: number } | undefined;
  /** Shares of a new training, by shape and factors such as "A 64". */
  readonly incremental?: Readonly<Record<string, { readonly ndcg: number; readonly cost: number }>> | undefined;
  readonly file?: { readonly load: number; readonly cpu: number; readonly megabytes: number } | undefined;
  readonly tune?: Tuning | undefined;
}

const MODES = ['fast', 'exact'] as const;
const cpu = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

/** Goal 6: how long the loop waits while C is learnt, and how soon an abort is answered. */
async function freeLoop(): Promise<Figures['loop']> {
  const columns = columnsOf(SHAPES.C, generate(SHAPES.C));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const abort = new AbortController();
  let abortedAt = 0;
  let reports = 0;
  await AlsModel.fit(columns, {
    ...{ factors: 64, iterations: 3, signal: abort.signal },
    onProgress: ({ phase, done }) => {
      if (phase === 'building') delay.enable();
      if (phase !== 'training') return;
      reports++;
      if (done !== 4) return;
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
  const aborted = abortedAt === 0 ? undefined : performance.now() - abortedAt;
  return { delayP99: delay.percentile(99) / 1e6, reports, aborted };
}

/** Goal 7: all factors of A 64, both modes, at 1, 2 and 4 threads. */
async function sameBits(): Promise<Figures['threads']> {
  const columns = columnsOf(SHAPES.A, generate(SHAPES.A));
  const digests = new Set<string>();
  let trainings = 0;
  for (const mode of MODES)
    for (const threads of [1, 2, 4]) {
      using model = await AlsModel.fit(columns, { factors: 64, iterations: 2, mode, threads, seed: 5 });
      const digest = createHash('sha256').update(mode);
      for (const id of columns.userIds) digest.update(model.userVector(id));
      for (const id of columns.itemIds) digest.update(model.itemVector(id));
      digests.add(digest.digest('hex'));
      trainings++;
    }
  return { differing: digests.size - MODES.length, trainings };
}

/** Goal 9: 5 % new interactions, one warm iteration against 16 from nothing. */
async function incremental(name: ShapeName, factors: number): Promise<{ ndcg: number; cost: number }> {
  const shape = SHAPES[name];
  const { train, test } = split(generate(shape));
  const known = train.users.map((_, e) => (e % 20 === 0 ? 0 : 1));
  const old = {
    users: train.users.filter((_, e) => known[e] === 1),
    items: train.items.filter((_, e) => known[e] === 1),
  };
  const held = Array.from(test.users, (user, e) => ({ user: String(user), item: String(test.items[e]) }));
  using before = await AlsModel.fit(columnsOf(shape, old), { factors });
  let from = cpu();
  using full = await AlsModel.fit(columnsOf(shape, train), { factors });
  const fullCost = cpu() - from;
  const fresh = {
    users: train.users.filter((_, e) => known[e] === 0),
    items: train.items.filter((_, e) => known[e] === 0),
  };
  from = cpu();
  using warm = await AlsModel.fit(columnsOf(shape, fresh), {
    ...{ factors, iterations: 1 },
    ...{ warmStart: before, extend: true },
  });
  const warmCost = cpu() - from;
  const [ofFull, ofWarm] = [await full.evaluate(held), await warm.evaluate(held)];
  return { ndcg: (ofWarm.ndcg[20] as number) / (ofFull.ndcg[20] as number), cost: warmCost / fullCost };
}

/** Goal 10: a million users of 64 factors from a file. */
async function file(): Promise<Figures['file']> {
  const shape: Shape = { users: 1_000_000, items: 20_000, entries: 6_000_000, tastes: 100 };
  const folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-bench-als-'));
  try {
    const name = path.join(folder, 'model');
    using model = await AlsModel.fit(columnsOf(shape, generate(shape)), { factors: 64, iterations: 1 });
    await model.save(name);
    const times: { wall: number; cpu: number }[] = [];
    for (let i = 0; i < 5; i++) {
      const [from, began] = [cpu(), performance.now()];
      using loaded = await AlsModel.load(name);
      times.push({ wall: performance.now() - began, cpu: 1000 * (cpu() - from) });
      loaded.recommend('17');
    }
    const least = (key: 'wall' | 'cpu'): number => Math.min(...times.map((one) => one[key]));
    return { load: least('wall'), cpu: least('cpu'), megabytes: (await stat(name)).size / 1e6 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** One after the other, each in the same process: what compiles the code is the first one's. */
async function incrementals(shapes: readonly string[], factors: readonly string[]): Promise<Figures['incremental']> {
  const found: Record<string, { ndcg: number; cost: number }> = {};
  for (const shape of shapes.filter(isShapeName))
    for (const f of factors) found[`${shape} ${f}`] = await incremental(shape, Number(f));
  return found;
}

async function main(): Promise<void> {
  const [parts = [], shapes = [], factors = []] = process.argv.slice(2).map((list) => list.split(','));
  const figures: Figures = {
    ...(parts.includes('loop') && { loop: await freeLoop() }),
    ...(parts.includes('threads') && { threads: await sameBits() }),
    ...(parts.includes('incremental') && { incremental: await incrementals(shapes, factors) }),
    ...(parts.includes('file') && { file: await file() }),
    ...(parts.includes('tune') && { tune: await tuning() }),
  };
  console.log(JSON.stringify(figures));
}

if (require.main === module)
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
