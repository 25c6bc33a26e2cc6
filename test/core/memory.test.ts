import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Held } from '../support/plateau';
import { nativeIfBuilt } from '../support/backends';

const MEGABYTE = 2 ** 20;
const root = path.resolve(__dirname, '../..');

/** What a process of its own holds after each of 24 rounds of making, using and closing. */
async function heldBy(engine: string, backend: string): Promise<Held[]> {
  const child = spawn(process.execPath, ['--expose-gc', '-r', 'tsx/cjs', 'test/support/plateau.ts', engine], {
    cwd: root,
    env: { ...process.env, EASY11_BACKEND: backend },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  for await (const chunk of child.stdout) printed += String(chunk);
  return JSON.parse(printed) as Held[];
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;

/** From the rounds after the warm-up to the last ones. */
function growth(held: readonly Held[], what: keyof Held): number {
  const numbers = held.map((one) => one[what]);
  return (median(numbers.slice(-7)) - median(numbers.slice(7, 14))) / MEGABYTE;
}

const backends = nativeIfBuilt() ? ['native', 'fallback'] : ['fallback'];

describe.each(backends)('memory on the %s backend comes to a plateau', (backend) => {
  test.each(['autocomplete', 'cache', 'range', 'als'])(
    'however often %s is made, used and closed',
    async (engine) => {
      const held = await heldBy(engine, backend);
      expect(held).toHaveLength(24);
      // Natively a round leaves V8 a few thousand bytes of objects; the fallback keeps everything there, a megabyte or
      // more. What a round does not let go of shows tenfold.
      expect(growth(held, 'heap')).toBeLessThan(backend === 'native' ? 0.1 : 2);
      expect(growth(held, 'rss')).toBeLessThan(12);
    },
    180_000,
  );
});
