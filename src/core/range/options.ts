import { isUint32Array } from 'node:util/types';
import { Easy11Error } from '../errors';
import { checkJobOptions } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import { show } from '../show';
import { checkCount, checkRowId, LIMITS } from './numbers';
import { MAX_HISTOGRAMS, MAX_NAMED, SCRATCH } from './engine';
import type { NumberColumn } from './number-column';
import type { FacetColumn, Schema } from './schema';
import type { HistogramOptions, ListOptions, PageBins, PageOptions, RangeBuildOptions, Where } from './types';

/** A copy with a place for every value: those that no row has need no code inside the engine. */
export function countsOf(counts: Uint32Array, values: number): Uint32Array {
  const copy = new Uint32Array(values);
  copy.set(counts.subarray(0, values));
  return copy;
}

export function widthEdges(min: number, max: number, bins: number): number[] {
  if (!(Number.isFinite(min) && Number.isFinite(max) && min <= max)) {
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `min must be at most max, not ${show(min)} and ${show(max)}`);
  }
  const edges: number[] = [];
  for (let i = 0; i < bins; i++) edges.push(min + ((max - min) * i) / bins);
  edges.push(max);
  return edges;
}

/** Facets in as few groups as can be counted at once beside `bins`, by name. */
export function inPages(facets: readonly FacetColumn[], bins = 0): string[][] {
  const pages: string[][] = [];
  let room = 0;
  for (const { name, values } of facets) {
    const size = 2 * values.length + 16;
    if (pages.length === 0 || size > room) {
      pages.push([]);
      room = SCRATCH.COUNTS - bins;
    }
    pages.at(-1)?.push(name);
    room -= size;
  }
  return pages;
}

export function checkBuildOptions(options: RangeBuildOptions): void {
  checkOptionNames(options, ['signal', 'onProgress']);
  checkJobOptions(options);
}

export function checkNames(names: readonly string[], what: string): void {
  if (!Array.isArray(names)) throw invalid(`${what} must be an array of facets and flags, not ${show(names)}`);
}

export function checkCounts(counts: Uint32Array): void {
  if (!isUint32Array(counts)) throw invalid(`counts must be a Uint32Array, not ${show(counts)}`);
}

const HISTOGRAM_OPTIONS = ['bins', 'min', 'max', 'equal', 'where'] as const;

/** Throws ERR_EASY11_INVALID_OPTION or _INVALID_LIMIT. */
export function checkHistogram(options: HistogramOptions): void {
  checkOptionNames(options, HISTOGRAM_OPTIONS);
  const { bins = 20, equal = 'width', min = 0, max = 0 } = options;
  checkCount(bins, 'bins');
  if (equal !== 'width' && equal !== 'depth') throw invalid(`equal must be 'width' or 'depth', not ${show(equal)}`);
  if (!Number.isFinite(min) || !Number.isFinite(max))
    throw invalid(`min and max must be finite numbers, not ${show(min)} and ${show(max)}`);
}

const PAGE_OPTIONS = ['where', 'by', 'limit', 'facets', 'without', 'named', 'histogram', 'histograms'] as const;

/** A histogram of a page, as the engine takes it. */
export interface CheckedBins {
  readonly column: NumberColumn;
  readonly edges: readonly number[];
}

/** Options of a page as the engine takes them. Throws ERR_EASY11_INVALID_OPTION, _INVALID_LIMIT or _UNKNOWN_ATTRIBUTE. */
export function readPageOptions(
  schema: Schema,
  options: PageOptions,
): {
  /** In the engine's order. */
  columns: readonly FacetColumn[];
  bits: number;
  /** That of `histogram` first, where there is one. */
  histograms: readonly CheckedBins[];
  score: number;
  limit: number;
  most: number;
} {
  checkOptionNames(options, PAGE_OPTIONS);
  const { by, limit = 20, facets = [], without = {}, histogram, histograms: several = {}, named = 0 } = options;
  checkNames(facets, 'facets');
  const columns = [...new Set(facets)].map((name) => schema.facet(name)).sort((a, b) => a.index - b.index);
  const bits = columns.reduce((sum, { index }) => sum | (1 << index), 0) >>> 0;
  if (typeof several !== 'object' || several === null)
    throw invalid('histograms must be an object of bins by attribute');
  const histograms: CheckedBins[] = [];
  if (histogram !== undefined) {
    checkOptionNames(histogram, ['attribute', ...BINS]);
    histograms.push(readBins(schema, histogram.attribute, histogram));
  }
  for (const [name, wanted] of Object.entries(several)) {
    checkOptionNames(wanted, BINS);
    histograms.push(readBins(schema, name, wanted));
  }
  const bins = histograms.reduce((sum, { edges }) => sum + edges.length - 1, 0);
  if (histograms.length > MAX_HISTOGRAMS || bins > LIMITS.RESULTS)
    throw invalid(`A page has at most ${MAX_HISTOGRAMS} histograms and ${LIMITS.RESULTS} bins`);
  const score = by === undefined ? -1 : schema.score(by);
  checkCount(limit, 'limit');
  checkWithout(schema, without);
  if (!Number.isInteger(named) || named < 0 || named > MAX_NAMED)
    throw invalid(`named must be an integer from 0 to ${MAX_NAMED}, not ${show(named)}`);
  if (inPages(columns, bins).length > 1) throw invalid('These facets have too many values to be counted in one page');
  return { columns, bits, histograms, score, limit, most: named };
}

const BINS = ['bins', 'min', 'max'] as const;

function readBins(schema: Schema, name: string, wanted: PageBins): CheckedBins {
  const column = schema.number(name);
  return { column, edges: widthEdges(wanted.min, wanted.max, checkCount(wanted.bins ?? 20, 'bins')) };
}

function checkWithout(schema: Schema, without: Readonly<Record<string, string>>): void {
  if (typeof without !== 'object' || without === null)
    throw invalid('without must be an object of attributes by facet');
  for (const name of Object.entries(without).flat()) {
    if (!schema.columns.has(name))
      throw new Easy11Error('ERR_EASY11_UNKNOWN_ATTRIBUTE', `There is no attribute ${show(name)}`);
  }
}

/** Shares of rows, each from 0 to 1. */
export function checkShares(shares: readonly number[]): void {
  const isShare = (share: unknown): boolean => typeof share === 'number' && share >= 0 && share <= 1;
  // From an iterator: `every` passes over holes.
  if (Array.isArray(shares) && shares.length <= LIMITS.RESULTS && [...shares].every(isShare)) return;
  throw invalid('shares must be at most 1,000 numbers from 0 to 1');
}

const LIST_OPTIONS = ['by', 'order', 'where', 'limit', 'offset', 'after'] as const;

/** Options of a list as the engine takes them. Throws ERR_EASY11_INVALID_OPTION, _INVALID_LIMIT, _INVALID_ID or _INVALID_VALUE. */
export function readListOptions(
  schema: Schema,
  options: ListOptions,
): {
  where: Where | undefined;
  number: number;
  descending: boolean;
  limit: number;
  offset: number;
  after: boolean;
  value: number;
  id: number;
} {
  checkOptionNames(options, LIST_OPTIONS);
  const { by, order = 'asc', where, limit = 20, offset = 0, after } = options;
  const column = schema.number(by);
  checkCount(limit, 'limit');
  if (!column.hasTree) throw invalid(`${by} was not declared with \`tree\`: rows are not kept in its order`);
  if (order !== 'asc' && order !== 'desc') throw invalid(`order must be 'asc' or 'desc', not ${show(order)}`);
  if (!Number.isInteger(offset) || offset < 0) throw invalid(`offset must be an integer from 0, not ${show(offset)}`);
  const start = { where, number: column.index, descending: order === 'desc', limit, offset };
  if (after === undefined) return { ...start, after: false, value: 0, id: 0 };
  if (typeof after !== 'object' || after === null) throw invalid('after must be a row of a list');
  const value = column.read(after.value);
  if (value !== value) throw invalid('after must have a value');
  return { ...start, after: true, value, id: checkRowId(after.id) };
}

function invalid(message: string): Easy11Error {
  return new Easy11Error('ERR_EASY11_INVALID_OPTION', message);
}
