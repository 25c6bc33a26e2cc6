import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type AlsGates, gateAls } from './als/gate';
import { type AutocompleteGates, gateAutocomplete, gateGoals, type GoalGates } from './autocomplete/gate';
import { gateCache } from './cache/gate';
import { type Claim, confirmed, holds } from './claims';
import { measureHttp } from './http/run';
import { measureStockVisibility, measureVisibility, type VisibilityResult } from './http/visibility';
import { installPeers } from './processes';
import { gateRange, type RangeGates } from './range/gate';
import { gateSearch, type SearchGates } from './search/gate';

/**
 * `npm run bench:gate`: the claims of gates.json, as ratios against peers of the same run, plus generous bounds of latency.
 * Ends with 1 when one is broken.
 */
interface Gates extends AutocompleteGates {
  readonly goals: GoalGates;
  readonly range: RangeGates;
  readonly search: SearchGates;
  readonly als: AlsGates;
  readonly http: { products: number; seconds: number; p95Milliseconds: number; cpuTimesBare: number };
  readonly visibility: { changes: number; p95Milliseconds: number };
}

const gates = JSON.parse(readFileSync(path.join(__dirname, 'gates.json'), 'utf8')) as Gates;

async function gateHttp(): Promise<Claim[]> {
  const { products, seconds, p95Milliseconds, cpuTimesBare } = gates.http;
  const [ours, bare] = await measureHttp({ products, seconds, variants: [{ backend: 'native' }] });
  if (!ours || !bare) throw new Error('the HTTP measurement is missing');
  return [
    { claim: 'suggestions over HTTP, p95 in ms', value: ours.p95, max: p95Milliseconds },
    { claim: 'suggestions over HTTP, errors', value: ours.errors, max: 0, always: true },
    {
      claim: 'suggestions over HTTP, server CPU per request against bare node:http',
      value: ours.cpuPerRequest / bare.cpuPerRequest,
      max: cpuTimesBare,
    },
  ];
}

async function gateVisibility(): Promise<Claim[]> {
  const { changes, p95Milliseconds } = gates.visibility;
  const claims = (what: string, results: readonly VisibilityResult[]): Claim[] =>
    results.map(({ name, p95 }) => ({ claim: `${what}, ${name}, p95 in ms`, value: p95, max: p95Milliseconds }));
  return [
    ...claims('a committed change shows in suggestions', await measureVisibility(changes)),
    ...claims('a change of stock shows in the filter of search', await measureStockVisibility(changes)),
  ];
}

async function main(): Promise<void> {
  const start = performance.now();
  if (!(await installPeers())) throw new Error('the gates need better-sqlite3 to compare with');
  const broken: string[] = [];
  for (const section of [
    () => gateAutocomplete(gates),
    gateCache,
    () => gateGoals(gates.titles, gates.goals),
    () => gateRange(gates.range),
    () => gateSearch(gates.search),
    () => gateAls(gates.als),
    gateHttp,
    gateVisibility,
  ]) {
    for (const claim of await confirmed(section)) {
      const line = `${claim.claim}  (${claim.value.toPrecision(3)}, at most ${claim.max})`;
      console.log(`${holds(claim) ? 'holds ' : 'BROKEN'}  ${line}`);
      if (!holds(claim)) broken.push(line);
    }
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  if (broken.length === 0) return console.log(`every gate holds, ${seconds} s`);
  console.log(`${broken.length} broken, ${seconds} s:\n${broken.map((line) => `  ${line}`).join('\n')}`);
  process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
