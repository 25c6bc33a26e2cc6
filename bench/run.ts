import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { benchAls, readAlsOptions } from './als/compare';
import { benchAnalytics } from './analytics/run';
import type { BoundaryResult } from './autocomplete/boundary';
import { callsInCpp, printCalls } from './autocomplete/calls';
import { compare, printComparison } from './autocomplete/compare';
import { benchCache } from './cache/compare';
import { benchCheckout } from './checkout/run';
import { benchHttp } from './http/run';
import { benchVisibility } from './http/visibility';
import { measureGoals, printGoals } from './autocomplete/goal-table';
import { benchRange, CONTENDERS } from './range/compare';
import { benchRecommendations } from './recommendations/run';
import { benchSearch, writeGuide } from './search/compare';
import { benchTracking } from './tracking/run';
import { benchWays, SHAPES } from './tracking/ways';
import { benchVectors } from './vectors/run';
import { installPeers, machine, runWorker, table } from './processes';
import { writeMeasured } from './written';

/**
 * Every figure beside its peers, from this run: `npm run bench [-- autocomplete|boundary|http|cache|range|search|checkout|tracking|recommendations|als|analytics|vectors]
 * [--titles 50000,1000000] [--runs 3] [--engines native,fts5] [--products 1000000] [--customers 1000000] [--questions 200] [--checked 20] [--contenders native,sqlite]
 * [--write] [--checkouts 3200] [--seconds 60] [--shape A,B,C] [--factors 64,128] [--iterations 4] [--goals] [--lines 10000000] [--ways] [--events 100000] [--groups 500x1,2000x4] [--only …]`.
 * `--only build,latencies,filters,snapshots,changes,misspellings` leaves out autocomplete's comparison and measures these of its goals, without
 * peers; `--only ours|sqlite` measures one contender of search beside what the other gave last time; `--write` puts the table of search into
 * its guide, and those of range and als into the README; `--contenders fast,exact,fallback-fast,fallback-exact,plain,libmf` are als's, and
 * `--only loop,threads,incremental,file,tune` measures these parts of its goals alone. The report is printed; that of everything is also written to bench/results/latest.md.
 * `--ways` compares ways to bring events to the disk, COPY and Redis among them, in place of the load of tracking,
 * in groups of so many events on so many connections, of which `--only COPY,Redis` leaves out the others.
 */
const args = process.argv.slice(2);
const option = (name: string, fallback: string): string =>
  args[args.indexOf(`--${name}`) + 1 || args.length] ?? fallback;
const wanted =
  args[0] && !args[0].startsWith('--')
    ? [args[0]]
    : [
        'autocomplete',
        'boundary',
        'http',
        'cache',
        'range',
        'search',
        'checkout',
        'tracking',
        'recommendations',
        'als',
        'analytics',
        'vectors',
      ];
const sizes = option('titles', '50000,1000000').split(',').map(Number);
const products = Number(option('products', '1000000'));
const runs = Number(option('runs', '3'));
const only = option('only', '').split(',').filter(Boolean);
const chosen = option('engines', 'native,fallback,fts5,sorted,flexsearch,minisearch,ufuzzy').split(',');

async function autocomplete(fts5: boolean): Promise<string> {
  const parts: string[] = [];
  for (const size of sizes) {
    if (only.length > 0) {
      const goals = await measureGoals(size, size > 200_000 ? 100 : 400, false, only);
      parts.push(`Goals, ${size.toLocaleString('en')} titles\n\n${printGoals(goals)}`);
      continue;
    }
    const engines = chosen.filter((engine) => fts5 || engine !== 'fts5');
    const results = await compare({
      size,
      engines,
      runs: size > 200_000 ? 1 : runs,
      budgetMs: 1500,
      checks: size > 200_000 ? 200 : 500,
    });
    const goals = await measureGoals(size, size > 200_000 ? 100 : 400, fts5);
    parts.push(
      `### Autocomplete, ${size.toLocaleString('en')} titles, top 10\n\n${printComparison(results)}`,
      `Goals, ${size.toLocaleString('en')} titles\n\n${printGoals(goals)}`,
    );
  }
  return parts.join('\n\n');
}

async function boundary(): Promise<string> {
  const [native, fallback] = [
    await runWorker<BoundaryResult>('bench/autocomplete/boundary.ts', [], { EASY11_BACKEND: 'native' }),
    await runWorker<BoundaryResult>('bench/autocomplete/boundary.ts', [], { EASY11_BACKEND: 'fallback' }),
  ];
  const rows = Object.entries(native.ops).map(([task, hz]) => {
    const other = fallback.ops[task] ?? Number.NaN;
    return [
      task,
      Math.round(hz).toLocaleString('en'),
      Math.round(other).toLocaleString('en'),
      `${(hz / other).toFixed(2)}×`,
      `${(1e9 / hz).toFixed(0)} ns`,
    ];
  });
  const compared = table(['task', 'native', 'fallback', 'ratio', 'native per call'], rows);
  return `### Native against fallback, operations per second, 50,000 titles\n\n${compared}\n\n${printCalls(native.calls, callsInCpp())}`;
}

async function main(): Promise<void> {
  const parts = [`Measured on ${machine()}.`];
  const fts5 = wanted.includes('autocomplete') ? await installPeers() : false;
  if (wanted.includes('autocomplete')) parts.push(await autocomplete(fts5));
  if (wanted.includes('boundary')) parts.push(await boundary());
  if (wanted.includes('http')) parts.push(await benchHttp(), await benchVisibility());
  if (wanted.includes('cache')) parts.push(await benchCache(runs));
  if (wanted.includes('range') && (await installPeers())) {
    const { report, short } = await benchRange(products, option('contenders', CONTENDERS.join()).split(','));
    if (args.includes('--write')) writeMeasured('README.md', 'npm run bench -- range --write', short);
    parts.push(report);
  }
  if (wanted.includes('search')) {
    const measured = await benchSearch({
      size: products,
      each: Number(option('questions', '200')),
      checked: Number(option('checked', '20')),
      only: args.includes('--only') ? option('only', '') : undefined,
    });
    if (args.includes('--write')) writeGuide(measured);
    parts.push(`### Results with all facets and a price histogram, time of the processor a page\n\n${measured}`);
  }
  if (wanted.includes('checkout')) parts.push(await benchCheckout(Number(option('checkouts', '3200'))));
  if (wanted.includes('tracking'))
    parts.push(
      args.includes('--ways')
        ? await benchWays({
            events: Number(option('events', '100000')),
            rounds: runs,
            shapes: option('groups', SHAPES),
            only,
          })
        : await benchTracking(Number(option('seconds', '60'))),
    );
  if (wanted.includes('recommendations'))
    parts.push(await benchRecommendations(products, Number(option('customers', '1000000'))));
  if (wanted.includes('als')) {
    const { report, short } = await benchAls(readAlsOptions(option), args.includes('--goals'));
    if (args.includes('--write')) writeMeasured('README.md', 'npm run bench -- als --write', short);
    parts.push(report);
  }
  if (wanted.includes('analytics')) parts.push(await benchAnalytics(Number(option('lines', '10000000'))));
  if (wanted.includes('vectors')) parts.push(await benchVectors(products));
  const report = `${parts.join('\n\n')}\n`;
  console.log(report);
  if (wanted.length > 1) {
    mkdirSync(path.join(__dirname, 'results'), { recursive: true });
    writeFileSync(path.join(__dirname, 'results/latest.md'), report);
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
