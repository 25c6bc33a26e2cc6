import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type AlsGates, gateAls } from './als/gate';
import { compare } from './autocomplete/compare';
import { gateCache } from './cache/gate';
import { measureGoals } from './autocomplete/goal-table';
import type { Goal } from './autocomplete/goals';
import type { EngineResult } from './autocomplete/worker';
import { measureHttp } from './http/run';
import { measureVisibility } from './http/visibility';
import { installPeers, median } from './processes';
import { gateRange, type RangeGates } from './range/gate';

/**
 * `npm run bench:gate`: the claims of gates.json, as ratios against peers of the same run, plus one generous latency bound.
 * Ends with 1 when one is broken.
 */
interface Gates {
  readonly titles: number;
  readonly runs: number;
  readonly ratios: readonly { claim: string; ours: string; peer: string; max: number }[];
  readonly exact: readonly string[];
  /** Generous bounds for figures of goals.ts, by name; whatever says how exact it is must be exact. */
  readonly goals: Readonly<Record<string, { readonly max: number } | { readonly min: number }>>;
  readonly range: RangeGates;
  readonly als: AlsGates;
  readonly http: { products: number; seconds: number; p95Milliseconds: number; cpuTimesBare: number };
  readonly visibility: { changes: number; p95Milliseconds: number };
}

const gates = JSON.parse(readFileSync(path.join(__dirname, 'gates.json'), 'utf8')) as Gates;
const broken: string[] = [];

function report(claim: string, value: number, max: number): void {
  const holds = value <= max;
  if (!holds) broken.push(claim);
  console.log(`${holds ? 'holds ' : 'BROKEN'}  ${claim}  (${value.toPrecision(3)}, at most ${max})`);
}

/** Reads "native any word p50" or "fts5 update" from the results; NaN, which breaks every gate, when it is not there. */
function figure(results: ReadonlyMap<string, EngineResult>, where: string): number {
  const [engine = '', ...rest] = where.split(' ');
  const result = results.get(engine);
  if (rest.join(' ') === 'update') return result?.updateP50 ?? Number.NaN;
  const key = rest.pop() as 'p50' | 'p95' | 'p99';
  return result?.modes.find(({ mode }) => mode === rest.join(' '))?.[key] ?? Number.NaN;
}

/** Measured once when all is well, else three times, for the median to decide: one slow spell of the machine breaks no gate. */
async function confirmed<T>(measure: () => Promise<T>, isWell: (measured: T) => boolean): Promise<[T, ...T[]]> {
  const first = await measure();
  return isWell(first) ? [first] : [first, await measure(), await measure()];
}

const ratio = (results: ReadonlyMap<string, EngineResult>, claim: { ours: string; peer: string }): number =>
  figure(results, claim.ours) / figure(results, claim.peer);

const goalValue = (goals: readonly Goal[], name: string): number =>
  goals.find(({ goal }) => goal === name)?.value ?? Number.NaN;

const isWithin = (value: number, bound: { readonly max: number } | { readonly min: number }): boolean =>
  'max' in bound ? value <= bound.max : value >= bound.min;

async function main(): Promise<void> {
  const start = performance.now();
  if (!(await installPeers())) throw new Error('the gates need better-sqlite3 to compare with');
  const engines = ['native', 'fallback', 'fts5', 'sorted', 'flexsearch'];
  const measure = async (): Promise<Map<string, EngineResult>> => {
    const results = await compare({ size: gates.titles, engines, runs: gates.runs, budgetMs: 450, checks: 400 });
    return new Map(results.map((result, i) => [engines[i] as string, result]));
  };
  const compared = await confirmed(measure, (results) =>
    gates.ratios.every((claim) => ratio(results, claim) <= claim.max),
  );
  for (const claim of gates.ratios)
    report(claim.claim, median(compared.map((results) => ratio(results, claim))), claim.max);
  const [byEngine] = compared;
  for (const engine of gates.exact) {
    for (const { mode, exact } of byEngine.get(engine)?.modes ?? []) {
      if (mode === 'typo') report(`${engine}, ${mode}: share without the intended word among ten`, 1 - exact, 0.2);
      else report(`${engine}, ${mode}: share of wrong answers`, 1 - exact, 0);
    }
  }
  await gateCache(report);
  const goalsMet = (goals: readonly Goal[]): boolean =>
    Object.entries(gates.goals).every(([name, bound]) => isWithin(goalValue(goals, name), bound));
  const goals = await confirmed(() => measureGoals(gates.titles, 100, false), goalsMet);
  for (const [name, bound] of Object.entries(gates.goals)) {
    const value = median(goals.map((one) => goalValue(one, name)));
    if ('max' in bound) report(name, value, bound.max);
    else report(`${name}: short of 1`, 1 - value, 1 - bound.min);
  }
  for (const { goal, exact } of goals.flat())
    if (exact !== undefined) report(`${goal}: share of wrong answers`, 1 - exact, 0);
  await gateRange(gates.range, report);
  await gateAls(gates.als, report);
  const { products, seconds, p95Milliseconds, cpuTimesBare } = gates.http;
  const [ours, bare] = await measureHttp({ products, seconds, variants: [{ backend: 'native' }] });
  if (!ours || !bare) throw new Error('the HTTP measurement is missing');
  report('suggestions over HTTP, p95 in ms', ours.p95, p95Milliseconds);
  report('suggestions over HTTP, errors', ours.errors, 0);
  report(
    'suggestions over HTTP, server CPU per request against bare node:http',
    ours.cpuPerRequest / bare.cpuPerRequest,
    cpuTimesBare,
  );
  for (const { name, p95 } of await measureVisibility(gates.visibility.changes))
    report(`a committed change shows in suggestions, ${name}, p95 in ms`, p95, gates.visibility.p95Milliseconds);
  console.log(
    `${broken.length === 0 ? 'every gate holds' : `${broken.length} broken`}, ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  if (broken.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
