import fc from 'fast-check';
import { assembleKernels } from '../../../src/core/fallback/als/wasm/module';
import { runNow } from '../../../src/core/fallback/steps';
import { Assembly, ModuleAssembly } from '../../../src/core/fallback/wasm/assembly';
import { signed, unsigned } from '../../../src/core/fallback/wasm/encoding';
import { I32, lanesBeyond } from '../../../src/core/fallback/wasm/values';

interface Api {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { exports: Record<string, (...args: number[]) => void> };
  readonly Memory: new (size: { initial: number }) => { buffer: ArrayBuffer };
  validate(bytes: Uint8Array): boolean;
}
const api = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;

/** Runs a function over a memory of its own. */
function run(write: (f: Assembly) => void, ...args: number[]): DataView {
  const module = new ModuleAssembly();
  module.define('it', write);
  const memory = new api.Memory({ initial: 1 });
  new api.Instance(new api.Module(module.encode()), { env: { memory } }).exports['it']?.(...args);
  return new DataView(memory.buffer);
}

describe('numbers of the binary format', () => {
  test('are those of its specification', () => {
    expect(unsigned(624_485)).toEqual([0xe5, 0x8e, 0x26]);
    expect(signed(-123_456)).toEqual([0xc0, 0xbb, 0x78]);
  });

  test('come back from an engine as they went in', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const memory = run((f) => {
          const to = f.takeInteger();
          f.store(to, I32.of(value).splat());
        }, 0);
        expect(memory.getInt32(0, true)).toBe(value);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a function that is written in TypeScript', () => {
  test('loops from a number to below another, and not at all where there is nothing between', () => {
    const count = (from: number, to: number): number =>
      run(
        (f) => {
          const [first, last] = [f.takeInteger(), f.takeInteger()];
          f.loop(first, last, 4, (k) => f.store(I32.of(0), k.splat()));
        },
        from,
        to,
      ).getInt32(0, true);
    expect(count(4, 21)).toBe(20);
    expect(count(8, 8)).toBe(0);
    expect(count(9, 8)).toBe(0);
  });

  test('stops where it is told to', () => {
    const stored = (value: number): number =>
      run((f) => {
        const given = f.takeInteger();
        f.returnUnless(given.below(5));
        f.store(I32.of(0), I32.of(1).splat());
      }, value).getInt32(0, true);
    expect([stored(4), stored(5)]).toEqual([1, 0]);
  });

  test('masks the lanes beyond one', () => {
    for (let lane = 0; lane < 4; lane++) {
      const memory = run((f) => f.store(I32.of(0), lanesBeyond(f.integer(I32.of(lane)))));
      expect([0, 4, 8, 12].map((at) => memory.getInt32(at, true))).toEqual(
        [0, 1, 2, 3].map((i) => (i > lane ? -1 : 0)),
      );
    }
  });

  test('takes its parameters before its variables', () => {
    const f = new Assembly();
    f.integer();
    expect(() => f.takeInteger()).toThrow('Parameters come before variables');
  });
});

test('the module of the kernels is valid, and the same bytes every time', () => {
  const bytes = runNow(assembleKernels());
  expect(api.validate(bytes)).toBe(true);
  expect(runNow(assembleKernels())).toEqual(bytes);
});
