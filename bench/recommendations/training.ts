import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Interactions } from '../../src/contexts/recommendations/training/interactions';
import { evaluate } from '../../src/contexts/recommendations/training/evaluation';
import { AlsModel } from '../../src/core';
import { interactions } from './generated';

/** How late timers come, milliseconds. */
export interface LoopDelay {
  readonly what: string;
  readonly seconds: number;
  readonly p99: number;
  readonly longest: number;
}

const DAY_MS = 86_400_000;
const HALF_LIFE_DAYS = 180;
const RESOLUTION = 1;

async function delayed<T>(what: string, delays: LoopDelay[], work: () => Promise<T>): Promise<T> {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION });
  const began = performance.now();
  monitor.enable();
  try {
    return await work();
  } finally {
    monitor.disable();
    const seconds = (performance.now() - began) / 1_000;
    const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
    delays.push({ what, seconds, p99: ms(monitor.percentile(99)), longest: ms(monitor.max) });
    console.error(JSON.stringify(delays.at(-1)));
  }
}

/** What the loop of a process that trains sees: its training as the shop's trainer does it, but for the database. Prints one JSON line. */
async function main(): Promise<void> {
  const [products, customers] = process.argv.slice(2).map(Number) as [number, number];
  const { userIds, itemIds, users, items } = interactions(products, customers);
  const all = new Interactions();
  for (let e = 0; e < users.length; e++)
    all.add(
      userIds[users[e] as number] as string,
      itemIds[items[e] as number] as string,
      1,
      ((e * 7_919) % users.length) * ((90 * DAY_MS) / users.length),
    );
  const parameters = { factors: 64, iterations: 3, threads: 1 };
  const delays: LoopDelay[] = [];
  const signal = new AbortController().signal;
  await delayed('nothing', delays, () => sleep(5_000));
  await delayed('measuring', delays, () =>
    evaluate(all, { parameters, halfLifeDays: HALF_LIFE_DAYS, rival: undefined, signal }),
  );
  const columns = await delayed('putting in order', delays, () => all.columns(HALF_LIFE_DAYS));
  await delayed('learning', delays, async () => {
    (await AlsModel.fit(columns, parameters)).close();
  });
  process.stdout.write(`${JSON.stringify(delays)}\n`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
