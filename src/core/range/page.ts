import { NAMED_AT, type RangeEngine, type Scratch } from './engine';
import { listOf, putAll } from './lists';
import { countsOf, readPageOptions } from './options';
import type { Schema } from './schema';
import type { Page, PageOptions } from './types';
import type { WhereWriter } from './where';

/** What a page needs of its index. */
export interface PageSource {
  readonly engine: RangeEngine;
  readonly schema: Schema;
  readonly scratch: Scratch;
  readonly where: WhereWriter;
}

/** A page but for its best rows, and how these are to be asked for (`score` -1: not at all). Throws as `RangeIndex.page` does. */
export function countPage(
  { engine, schema, scratch, where: writer }: PageSource,
  options: PageOptions,
): { page: Omit<Page, 'ids'>; score: number; limit: number } {
  const { columns, bits, histograms, score, limit, most } = readPageOptions(schema, options);
  const { where, without = {}, histogram } = options;
  const { values, counts, ids } = scratch;
  const conditions = writer.write(where);
  const leftOf = (name: string): number => writer.placeOf(without[name] ?? '') + 1;
  columns.forEach(({ name }, i) => (counts[i] = leftOf(name)));
  let edgesAt = 0;
  histograms.forEach(({ column, edges }, i) => {
    counts.set([column.index, edges.length - 1, leftOf(column.name)], columns.length + 3 * i);
    putAll(edges, values, edgesAt);
    edgesAt += edges.length;
  });
  const rows = engine.page(conditions, bits, histograms.length, most);
  const named = rows <= most ? ids.slice(NAMED_AT, NAMED_AT + rows) : null;
  let at = 0;
  const facets: Record<string, Uint32Array> = {};
  columns.forEach(({ name, values: own }, i) => {
    const size = ids[i] as number;
    facets[name] = countsOf(counts.subarray(at, at + size), own.length);
    at += size;
  });
  const binned = histograms.map(({ column, edges }) => {
    const bins = listOf(counts, at, edges.length - 1);
    at += bins.length;
    return [column.name, { edges, counts: bins }] as const;
  });
  const first = histogram ? binned.shift()?.[1] : undefined;
  const page = { rows, named, facets, histogram: first ?? null, histograms: Object.fromEntries(binned) };
  return { page, score, limit };
}
