import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { Interactions, gather } from '../../../src/contexts/recommendations/training/interactions';
import { driftOf } from '../../../src/contexts/recommendations/training/drift';
import { evaluate } from '../../../src/contexts/recommendations/training/evaluation';
import { PairSet } from '../../../src/contexts/recommendations/training/pairs';
import { quantileOf } from '../../../src/contexts/recommendations/training/quantile';
import { KnownProducts } from '../../../src/contexts/recommendations/training/known-products';
import { ModelFiles } from '../../../src/contexts/recommendations/training/model-files';
import { trainInProcess } from '../../../src/contexts/recommendations/training/process';
import { Untrainable, type Outcome } from '../../../src/contexts/recommendations/training/training';
import * as store from '../../../src/contexts/recommendations/store/models';
import type { Training } from '../../../src/contexts/recommendations/schemas';
import { DEFAULT_SETTINGS } from '../../../src/contexts/recommendations/settings';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { silent } from '../../platform/outbox/support';
import { setLesson, TRAINING_PROGRAM, type Lesson } from './lessons';
import { product } from './shelf';
import { idOf, tastes } from './tastes';

const never = new AbortController().signal;
let known: KnownProducts;
beforeAll(async () => {
  known = await KnownProducts.read(Readable.from(Array.from({ length: 60 }, (_, n) => product(n))));
});

describe('what there is to learn from', () => {
  test('is brought to the ids of the catalogue, and what it does not have is counted', async () => {
    const found = await gather(
      (async function* () {
        yield await Promise.resolve({ user: 'ann', product: { sku: 'SKU-1' }, kind: 'purchase' as const, at: 5 });
        yield { user: 'ann', product: { id: idOf(2) }, kind: 'view' as const, at: 9 };
        yield { user: 'ann', product: { sku: 'gone' }, kind: 'purchase' as const, at: 1 };
      })(),
      known,
      DEFAULT_SETTINGS,
    );
    expect([found.count, found.passedOver, found.since, found.until]).toEqual([2, 1, 5, 9]);
    const { itemIds, weights } = found.columns(180);
    expect(itemIds).toEqual([idOf(1), idOf(2)]);
    expect([...(weights ?? [])].map((weight) => Math.round(weight))).toEqual([10, 1]);
  });

  test('fades with age, and grows beyond its first room', () => {
    const all = new Interactions();
    const day = 86_400_000;
    for (let n = 0; n < 40_000; n++) all.add(`u${n}`, idOf(n % 60), 4, n === 39_999 ? 180 * day : 0);
    const { weights, userIds } = all.columns(180);
    expect(userIds).toHaveLength(40_000);
    expect(weights?.[0]).toBeCloseTo(2);
    expect(weights?.[39_999]).toBeCloseTo(4);
  });

  test('drifts when those who come are others and take other things', () => {
    const [calm, moved] = [new Interactions(), new Interactions()];
    for (let n = 0; n < 1_000; n++) {
      const later = n >= 500;
      calm.add(`u${n % 50}`, idOf(n % 20), 1, n);
      moved.add(later ? `new${n % 50}` : `u${n % 50}`, idOf(later ? 40 : n % 20), 1, n);
    }
    const all = (): boolean => true;
    const [ofCalm, ofMoved] = [driftOf(calm, all, 499), driftOf(moved, all, 499)];
    expect(ofCalm).toMatchObject({ unseenUsers: 0, unseenProducts: 0 });
    expect(ofCalm.popularityPsi).toBeLessThan(0.1);
    expect(ofMoved).toMatchObject({ unseenUsers: 1, unseenProducts: 1 });
    expect(ofMoved.popularityPsi).toBeGreaterThan(0.25);
  });
});

test('pairs are counted once, however many there are', () => {
  const [pairs, known] = [new PairSet(), new Set<string>()];
  for (let n = 0; n < 20_000; n++) {
    const [a, b] = [(Math.imul(n, 0x9e3779b1) % 97) & 63, (n * 7_919) % 211];
    expect(pairs.add(a, b)).toBe(!known.has(`${a} ${b}`));
    known.add(`${a} ${b}`);
  }
});

test('the moment of the cut is the one that sorting finds', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 2e12 })), { maxLength: 60 }),
      fc.constantFrom(0, 0.5, 0.8, 0.999),
      (times, share) => {
        const all = new Interactions();
        times.forEach((at, n) => all.add(`u${n % 7}`, idOf(n % 5), 1, at));
        const measured = (e: number): boolean => e % 3 !== 2;
        const sorted = times.filter((_, e) => measured(e)).sort((a, b) => a - b);
        expect(quantileOf(all, measured, share)).toBe(sorted[Math.floor(sorted.length * share)]);
      },
    ),
  );
});

test('an evaluation measures on what is new after the cut, and tastes are learnt better than what is popular', async () => {
  const all = await gather(tastes(), known, DEFAULT_SETTINGS);
  const options = { parameters: { factors: 8 }, halfLifeDays: 180, rival: undefined };
  const { evaluation } = await evaluate(all, options);
  expect(evaluation.users).toBeGreaterThan(50);
  expect(evaluation.model?.recall20).toBeGreaterThan((evaluation.mostPopular?.recall20 ?? 1) * 1.2);
  expect(evaluation.itemCosine?.ndcg10).toBeGreaterThan(0);
  expect(evaluation).toMatchObject({ active: null, activeIs: 'none' });
});

describe('versions', () => {
  let scratch: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    scratch = await createTestDatabase();
    folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-models-'));
  });
  afterAll(async () => {
    await scratch.drop();
    await rm(folder, { recursive: true, force: true });
  });

  async function claim(parameters: Training): Promise<store.Claim> {
    await store.insertModel(scratch.database.pool, 'test', parameters);
    const claimed = await store.claimTraining(scratch.database.pool, 60_000);
    if (!claimed) throw new Error('nothing to train');
    return claimed;
  }
  /** In the process that it is trained in, as the shop does it. */
  async function train(claimed: store.Claim, lesson: Lesson = 'tastes'): Promise<Outcome> {
    await setLesson(scratch.database.pool, lesson);
    const order = { databaseUrl: scratch.url, folder, claim: claimed };
    const options = { program: TRAINING_PROGRAM, log: silent, onProgress: () => undefined, signal: never };
    return trainInProcess(order, options);
  }
  const read = (version: number): ReturnType<typeof store.findModel> => store.findModel(scratch.database.pool, version);

  test('the first becomes active; a worse one does not, and says why; one of the same parameters does', async () => {
    const first = await claim({ factors: 8, seed: 1 });
    expect(await train(first)).toBe('active');
    // A single factor that nothing is learnt into.
    const worse = await claim({ factors: 1, iterations: 1, regularization: 1_000 });
    expect(await train(worse)).toBe('candidate');
    expect(await read(worse.version)).toMatchObject({ state: 'candidate', note: expect.stringMatching(/^Worse/) });
    expect(await read(first.version)).toMatchObject({ state: 'active', bytes: expect.any(Number) });
    const same = await claim({ factors: 8, seed: 1 });
    expect(await train(same)).toBe('active');
    expect(await read(first.version)).toMatchObject({ state: 'retired' });
    const { evaluation, data } = (await read(same.version)) ?? {};
    expect(evaluation?.active?.ndcg10).toBeCloseTo(evaluation?.model?.ndcg10 ?? 0, 6);
    expect(data).toMatchObject({ products: 60, passedOver: 0 });
  });

  test('an active version that has seen nothing of what came since is measured as it is', async () => {
    const next = await claim({ factors: 8, seed: 1 });
    await train(next, 'later');
    const { evaluation } = (await read(next.version)) ?? {};
    expect(evaluation?.activeIs).toBe('as-it-is');
    // It has learnt from the same part by the same parameters: what it reaches is of the same size.
    const ratio = (evaluation?.active?.ndcg10 ?? 0) / (evaluation?.model?.ndcg10 ?? 1);
    expect(ratio).toBeGreaterThan(0.7);
    expect(ratio).toBeLessThan(1.4);
  });

  test('a version is loaded from the database by a machine that has no file of it', async () => {
    const { version } = (await store.findInState(scratch.database.pool, 'active')) ?? { version: 0 };
    const elsewhere = await mkdtemp(path.join(os.tmpdir(), 'easy11-models-'));
    const files = new ModelFiles(scratch.database, elsewhere);
    for (let time = 0; time < 2; time++) {
      using model = await files.load(version);
      expect(model.hasItem(idOf(3))).toBe(true);
    }
    await rm(elsewhere, { recursive: true });
  });

  test('whoever lost the lease writes nothing', async () => {
    const late = await claim({ factors: 4 });
    // The column is rounded to milliseconds: now may be in the future there.
    await scratch.database.pool.query(
      `update recommendation_models set lease_until = now() - interval '1 second' where state = 'training'`,
    );
    const second = await store.claimTraining(scratch.database.pool, 60_000);
    expect(second).toMatchObject({ version: late.version, attempts: 2 });
    expect(await train(late)).toBe('overtaken');
    expect(await read(late.version)).toMatchObject({ state: 'training' });
    expect(await store.hasParts(scratch.database.pool, late.version)).toBe(false);
    expect(await train(second as store.Claim)).not.toBe('overtaken');
    expect((await read(late.version))?.trainedAt).not.toBeNull();
  });

  test('there is nothing to learn from without interactions, nor from products that are not there', async () => {
    const nothing = await claim({});
    await expect(train(nothing, 'nobody')).rejects.toThrow(Untrainable);
    await expect(train(nothing, 'strange')).rejects.toThrow(/does not have/);
  });
});
