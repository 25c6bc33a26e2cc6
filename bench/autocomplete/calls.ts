import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { table } from '../processes';
import { type Corpus, makeCorpus, makeQueries } from './corpus';

/** What a call of the engine costs through the boundary, and the same calls made in C++ (calls.cc) in the same run. */
export const CALL_TITLES = 50_000;

/** The queries by name. The call that reads nothing comes before them. */
export function callQueries(corpus: Corpus): ReadonlyMap<string, string> {
  const [one = '', two = ''] = makeQueries(corpus, 'any word', 2).map(({ query }) => query);
  return new Map([
    ['an empty query', ''],
    ['four signs that are no word', '!!!!'],
    ['four letters without a hit', 'qqqq'],
    [`a cached prefix, "${one}"`, one],
    [`a cached prefix, "${two}"`, two],
  ]);
}
export const READS_NOTHING = 'that reads nothing';

/** Nanoseconds a call in C++, by name; undefined, with a line that says so, where the program cannot be built. */
export function callsInCpp(): ReadonlyMap<string, number> | undefined {
  const root = path.resolve(__dirname, '../..');
  const build = path.join(root, 'build-bench');
  const options = ['-DCMAKE_BUILD_TYPE=Release', '-DCMAKE_CXX_FLAGS_RELEASE=-O3', '-DEASY11_BUILD_TESTS=OFF'];
  const configure = ['-S', root, '-B', build, '--log-level=WARNING', '-DEASY11_BUILD_BENCH=ON', ...options];
  for (const args of [configure, ['--build', build, '--parallel', '2', '--target', 'calls']]) {
    const { status } = spawnSync('cmake', args, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status === 0) continue;
    console.error('the same calls in C++ need cmake and a compiler: their column is missing');
    return undefined;
  }
  const corpus = makeCorpus(CALL_TITLES);
  const queries = callQueries(corpus);
  const folder = mkdtempSync(path.join(tmpdir(), 'easy11-calls-'));
  try {
    const file = path.join(folder, 'titles');
    writeFileSync(file, corpus.titles.map((title, rank) => `${corpus.weights[rank]}\t${title}\n`).join(''));
    const output = execFileSync(path.join(build, 'calls'), [file, ...queries.values()], { encoding: 'utf8' });
    const nanoseconds = JSON.parse(output) as number[];
    return new Map([READS_NOTHING, ...queries.keys()].map((name, i) => [name, nanoseconds[i] as number]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `through`: nanoseconds a call through the boundary, by the same names. */
export function printCalls(
  through: Readonly<Record<string, number>>,
  inCpp: ReadonlyMap<string, number> | undefined,
): string {
  const rows = Object.entries(through).map(([name, ns]) => {
    const own = inCpp?.get(name);
    return [name, own?.toFixed(0) ?? '–', ns.toFixed(0), own === undefined ? '–' : (ns - own).toFixed(0)];
  });
  const head = ['a call', 'in C++', 'through N-API', 'the difference'];
  return `### What a call of the engine costs, ns, least of 1,500 rounds\n\n${table(head, rows)}`;
}
