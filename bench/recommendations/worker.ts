import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { answer, type Serving } from '../../src/contexts/recommendations/answers';
import { ProductTable } from '../../src/contexts/recommendations/product-table';
import { recommendationRoutes } from '../../src/contexts/recommendations';
import { recommendationQuerySchema, type RecommendationQuery } from '../../src/contexts/recommendations/schemas';
import { ContentIndex } from '../../src/contexts/recommendations/serving/content';
import { Histories } from '../../src/contexts/recommendations/serving/histories';
import { Margins } from '../../src/contexts/recommendations/serving/margins';
import { Trends } from '../../src/contexts/recommendations/serving/trends';
import { DEFAULT_SETTINGS } from '../../src/contexts/recommendations/settings';
import { AlsModel } from '../../src/core';
import { systemClock } from '../../src/kernel/clock';
import type { Database } from '../../src/platform/database';
import { errorHandler } from '../../src/platform/http/error-handler';
import type { LoadResult } from '../http/load';
import { runWorker } from '../processes';
import { recallOf, type Recall } from './likeness';
import { interactions, productId, products, randomSource, take, tasteOf, visitorId } from './generated';

/** Time of one kind of question. Milliseconds. */
export interface Timing {
  readonly name: string;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Time of the processor for one answer. */
  readonly cpu: number;
}

export interface RecommendationsMeasured {
  readonly inProcess: readonly Timing[];
  readonly http: LoadResult & { readonly cpu: number };
  readonly scoringAll: Timing;
  readonly seconds: { readonly table: number; readonly content: number; readonly training: number };
  readonly recall: Recall;
  readonly bytes: number;
}

const FACTORS = 64;
const ITERATIONS = 3;
const QUESTIONS = 1_000;
/** Asked before, of each kind: a server that has just started is slower while V8 compiles. */
const WARM = 300;
const CHECKED = 40;

async function timed(name: string, count: number, ask: (i: number) => unknown): Promise<Timing> {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await ask(i);
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(share * count)] as number;
  return { name, p50: at(0.5), p95: at(0.95), p99: at(0.99), cpu: (user + system) / 1_000 / count };
}

/** Builds everything, asks in this process, then over HTTP. Prints one JSON line. */
async function main(): Promise<void> {
  const [count, customers, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
  const stopwatch = { since: performance.now() };
  const lap = (what: string): number => {
    const took = (performance.now() - stopwatch.since) / 1_000;
    stopwatch.since = performance.now();
    console.error(`${what}: ${took.toFixed(1)} s`);
    return took;
  };
  const table = new ProductTable();
  for (const product of products(count)) table.put(product);
  const tableSeconds = lap('the products');
  const never = new AbortController().signal;
  const content = await ContentIndex.build(table, 64 << 20, never);
  const contentSeconds = lap('their words');
  const columns = interactions(count, customers);
  lap('the interactions');
  const model = await AlsModel.fit(columns, {
    factors: FACTORS,
    iterations: ITERATIONS,
    onProgress: ({ phase, done, total }) => {
      if (phase === 'training') console.error(`half an iteration, ${done} of ${total}`);
    },
  });
  const trainingSeconds = lap('the training');
  const demand = Array.from({ length: 500 }, (_, n) => ({ productId: productId((n * 37) % count), demand: 500 - n }));
  const trends = await Trends.read(table, demand);
  const margins = new Margins(table);
  for (let n = 0; n < count; n++) margins.put({ productId: productId(n), price: 100, cost: 30 + ((n * 7) % 40) });
  const log = pino({ level: 'silent' });
  const now = Date.now();
  // What a visitor did last: of their taste, as the database would tell it.
  const read = (visitor: string): Promise<{ id: string; productId: string; kind: 'view'; at: number }[]> => {
    const number = parseInt(visitor.slice(-12), 16);
    const random = randomSource(number);
    return Promise.resolve(
      Array.from({ length: 10 }, (_, n) => ({
        id: `${visitor}-${n}`,
        productId: productId(take(tasteOf(number), count, random)),
        kind: 'view' as const,
        at: now - n * 60_000,
      })),
    );
  };
  const histories = new Histories({ read, cacheBytes: 64 << 20, log });
  const live = {
    current: { version: 1, trainedAt: new Date(now).toISOString(), until: now, drift: null, model },
  };
  const serving: Serving = {
    view: { table, content, trends, margins },
    live,
    histories,
    clock: systemClock,
    settings: () => DEFAULT_SETTINGS,
    counts: { answers: 0, learnt: 0 },
  };
  const random = randomSource(9);
  const somebody = (): string => visitorId(Math.floor(random() * customers));
  const someProduct = (): string => productId(Math.floor(count * random() ** 2));
  const cart = (): string => [someProduct(), someProduct(), someProduct()].join(',');
  const questions: readonly (readonly [string, () => Record<string, string>])[] = [
    ['home, a new visitor', () => ({})],
    ['home, a visitor with 10 views', () => ({ visitor: somebody() })],
    ['product page, a visitor with 10 views', () => ({ visitor: somebody(), slot: 'product', product: someProduct() })],
    ['cart of 3, a visitor with 10 views', () => ({ visitor: somebody(), slot: 'cart', products: cart() })],
  ];
  for (const [, make] of questions)
    for (let n = 0; n < WARM; n++) await answer(serving, recommendationQuerySchema.parse(make()));
  lap('the first answers');
  const inProcess: Timing[] = [];
  for (const [name, make] of questions) {
    const asked: RecommendationQuery[] = Array.from({ length: QUESTIONS }, () =>
      recommendationQuerySchema.parse(make()),
    );
    inProcess.push(await timed(name, QUESTIONS, (i) => answer(serving, asked[i] as RecommendationQuery)));
    lap(name);
  }
  const recall = recallOf(
    table,
    content,
    Array.from({ length: CHECKED }, () => Math.floor(count * random())).filter((row) => table.isActive(row)),
  );
  lap('comparing with every product');
  const scoringAll = await scoreAll(model, count);
  const app = express();
  app.set('query parser', 'simple');
  const recommendations = {
    answer: (query: RecommendationQuery) => answer(serving, query),
    renew: () => Promise.resolve(),
  };
  // Its back office, which alone needs the database, is closed here.
  app.use(recommendationRoutes({ database: {} as Database, recommendations, adminToken: undefined }));
  app.use(errorHandler(log));
  lap('the peer');
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const paths = Array.from({ length: 1_000 }, (_, i) => {
    const make = questions[i % questions.length]?.[1] ?? (() => ({}));
    return `/v1/recommendations?${new URLSearchParams(make()).toString()}`;
  });
  const before = process.cpuUsage();
  const load = await runWorker<LoadResult>('bench/http/load.ts', [url, String(seconds), '4', 'paths', ...paths]);
  const { user, system } = process.cpuUsage(before);
  server.close();
  const result: RecommendationsMeasured = {
    inProcess,
    http: { ...load, cpu: (user + system) / 1_000 / load.requests },
    scoringAll,
    recall,
    seconds: { table: tableSeconds, content: contentSeconds, training: trainingSeconds },
    bytes: process.memoryUsage().rss,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exit(0);
}

/** The peer: the score of every product in JavaScript, and the best 100 of them. */
async function scoreAll(model: AlsModel, count: number): Promise<Timing> {
  const all = new Float32Array(count * FACTORS);
  for (let n = 0; n < count; n++) all.set(model.itemVector(productId(n)), n * FACTORS);
  const random = randomSource(3);
  return timed('scoring every product in JavaScript, best 100', 30, () => {
    const vector = model.foldIn(Array.from({ length: 10 }, () => productId(Math.floor(random() * count))));
    const scores = new Float32Array(count);
    for (let n = 0; n < count; n++) {
      let sum = 0;
      for (let k = 0; k < FACTORS; k++) sum += (all[n * FACTORS + k] as number) * (vector[k] as number);
      scores[n] = sum;
    }
    const bar = scores.slice().sort()[count - Math.min(count, 100)] as number;
    const best: number[] = [];
    scores.forEach((score, n) => {
      if (score >= bar) best.push(n);
    });
    return best;
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
