import type { Claim } from '../claims';
import { runWorker } from '../processes';
import type { SearchResult } from './worker';

export interface SearchGates {
  readonly products: number;
  /** A shape of question, and how many of them are compared with a look at every product. */
  readonly questions: number;
  readonly checked: number;
  /** Processor time of a page with all facets, whatever is asked. */
  readonly p95Milliseconds: number;
}

/** The claims about pages of results, one of time and one of answers for each shape of question. A misspelt word has no one right answer. */
export async function gateSearch({ products, questions, checked, p95Milliseconds }: SearchGates): Promise<Claim[]> {
  const args = ['ours', ...[products, questions, checked].map(String)];
  const env = { EASY11_BACKEND: 'native' };
  const { shapes } = await runWorker<SearchResult>('bench/search/worker.ts', args, env);
  return Object.entries(shapes).flatMap(([shape, { p95, right }]) => [
    { claim: `search, ${shape}: p95 in ms of the processor`, value: p95 / 1000, max: p95Milliseconds },
    ...(shape === 'a misspelt word'
      ? []
      : [{ claim: `search, ${shape}: share of wrong answers`, value: 1 - right, max: 0, always: true }]),
  ]);
}
