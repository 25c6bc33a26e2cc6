import { runWorker, table } from '../processes';
import { VOCABULARIES } from './data';
import type { VectorsMeasured } from './worker';

/** Searches for the 40 nearest of a size, of both vocabularies and backends, beside comparing with every row in JavaScript. */
export async function benchVectors(size: number): Promise<string> {
  const rows: string[][] = [];
  for (const vocabulary of VOCABULARIES)
    for (const backend of ['native', 'fallback']) {
      const one = await runWorker<VectorsMeasured>('bench/vectors/worker.ts', [vocabulary, String(size)], {
        EASY11_BACKEND: backend,
      });
      const ms = (value: number): string => `${value.toPrecision(3)} ms`;
      const percent = (share: number): string => `${(100 * share).toPrecision(2)} %`;
      rows.push([
        `${vocabulary}, ${one.terms.toLocaleString('en')} terms, ${one.backend}`,
        ...[one.p50, one.p95, one.p99, one.most].map(ms),
        `${percent(one.read)}, ${percent(one.mostRead)}`,
        ms(one.brute),
        `${one.wrong} of ${one.checked}`,
        `${(1_000 * one.change).toPrecision(3)} µs`,
        `${(one.put / 1_000).toFixed(1)} s + ${(one.refresh / 1_000).toFixed(1)} s, ${ms(one.longest)}`,
        one.bytes.toFixed(0),
      ]);
    }
  const heads = ['40 nearest, processor', 'p50', 'p95', 'p99', 'most', 'read: median, most', 'brute force', 'wrong'];
  const further = ['a change', 'put + refresh, longest slice', 'bytes a row'];
  return `### SparseVectorIndex, ${size.toLocaleString('en')} rows\n\n${table([...heads, ...further], rows)}`;
}
