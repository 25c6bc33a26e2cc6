import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { coreOf } from '../../support/backends';
import { makeInteractions } from '../../support/interactions';

const root = path.resolve(__dirname, '../../..');
const data = makeInteractions(3, { users: 120, items: 90, weights: true });

interface Answers {
  readonly isa: string | null;
  readonly losses: readonly number[];
  readonly lists: readonly (readonly string[])[];
  readonly scores: readonly number[];
}

/** Fits on a fallback that is loaded afresh. */
async function answers(mode: 'fast' | 'exact'): Promise<Answers> {
  const { AlsModel } = coreOf('fallback');
  using model = await AlsModel.fit(data, { factors: 18, iterations: 6, mode, trackLoss: true });
  const lists = await model.recommendMany(['u1', 'u2', 'u3', 'u50'], { limit: 10 });
  const { isa, losses } = model.stats();
  return {
    ...{ isa, losses },
    lists: lists.map((list) => list.map(({ item }) => item)),
    scores: lists.flatMap((list) => list.map(({ score }) => score)),
  };
}

describe('the fallback where WebAssembly is missing', () => {
  const held = Object.getOwnPropertyDescriptor(globalThis, 'WebAssembly') as PropertyDescriptor;
  afterEach(() => Object.defineProperty(globalThis, 'WebAssembly', held));

  test.each(['fast', 'exact'] as const)('says so, and gives the same answers in %s mode', async (mode) => {
    const withVectors = await answers(mode);
    Object.defineProperty(globalThis, 'WebAssembly', { ...held, value: undefined });
    const without = await answers(mode);
    expect([withVectors.isa, without.isa]).toEqual(['wasm-simd128', 'scalar']);
    expect(without.lists).toEqual(withVectors.lists);
    without.losses.forEach((loss, i) => expect(loss / withVectors.losses[i]!).toBeCloseTo(1, 5));
    without.scores.forEach((score, i) => expect(score).toBeCloseTo(withVectors.scores[i]!, 3));
  });

  test('or must not compile, does the same', async () => {
    const { WebAssembly: api } = globalThis as unknown as { WebAssembly: object };
    const refusing = function (): never {
      throw new Error('Wasm code generation disallowed by embedder');
    };
    Object.defineProperty(globalThis, 'WebAssembly', { ...held, value: { ...api, Module: refusing } });
    expect((await answers('fast')).isa).toBe('scalar');
  });

  test('runs in a process of Node without a compiler', () => {
    const program = `
      const { AlsModel } = require('./src/core');
      const data = Array.from({ length: 60 }, (_, i) => ({ user: 'u' + (i % 7), item: 'i' + (i % 11) }));
      AlsModel.fit(data, { factors: 6, iterations: 2 }).then((model) => console.log(model.stats().isa));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--jitless', '-r', 'tsx/cjs', '-e', program], {
      cwd: root,
      env: { ...process.env, EASY11_BACKEND: 'fallback' },
      encoding: 'utf8',
    });
    expect(`${stdout}${stdout ? '' : stderr}`.trim()).toBe('scalar');
  });
});
