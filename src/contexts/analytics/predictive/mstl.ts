import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { MSTL } from '@bsull/augurs/mstl';

export type SeasonalModel = Pick<MSTL, 'fit' | 'predict' | 'free'>;

/**
 * Loads augurs' MSTL (Bandara, Hyndman & Bergmeir 2021) with an exponential-smoothing trend: WebAssembly, compiled here. Its package
 * has a face for browsers only, which fetches its own module; here it is read from beside it.
 */
export async function loadMstl(): Promise<(periods: readonly number[]) => SeasonalModel> {
  const augurs = await import('@bsull/augurs/mstl');
  const folder = path.dirname(require.resolve('@bsull/augurs/mstl'));
  augurs.initSync({ module: await readFile(path.join(folder, 'mstl_bg.wasm')) });
  return (periods) => augurs.MSTL.ets([...periods]);
}
