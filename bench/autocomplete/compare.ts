import { formatTime, median, runWorker, table } from '../processes';
import { MODES, type Mode } from './corpus';
import type { EngineResult, ModeResult } from './worker';

export interface CompareOptions {
  readonly size: number;
  /** By name; those with a comma between them share a process, and take turns in it. */
  readonly engines: readonly string[];
  /** Processes per engine; each figure is the median over them. */
  readonly runs: number;
  readonly budgetMs: number;
  /** Queries per mode whose answers are compared with the truth. */
  readonly checks: number;
  readonly modes?: readonly Mode[];
}

/** Runs every engine in processes of its own, in turn, so that a slow spell of the machine hits them alike. */
export async function compare(options: CompareOptions): Promise<EngineResult[]> {
  const collected = new Map<string, EngineResult[]>();
  for (let run = 0; run < options.runs; run++) {
    for (const engine of options.engines) {
      const start = performance.now();
      process.stderr.write(
        `  ${options.size.toLocaleString('en')} titles, run ${run + 1}/${options.runs}, ${engine} …`,
      );
      const checks = run === 0 ? options.checks : 20;
      const results = await runWorker<EngineResult[]>('bench/autocomplete/worker.ts', [
        engine,
        String(options.size),
        String(options.budgetMs),
        String(checks),
        options.modes?.join(',') ?? '',
      ]);
      process.stderr.write(` ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
      for (const result of results) collected.set(result.engine, [...(collected.get(result.engine) ?? []), result]);
    }
  }
  return [...collected.values()].map(medianResult);
}

function medianResult(results: readonly EngineResult[]): EngineResult {
  const [first] = results as readonly [EngineResult];
  const over = (pick: (result: EngineResult) => number): number => median(results.map(pick));
  const modes = first.modes.map((mode, i): ModeResult => {
    const at = (key: 'p50' | 'p95' | 'p99'): number =>
      median(results.map((result) => (result.modes[i] as ModeResult)[key]));
    return { ...mode, p50: at('p50'), p95: at('p95'), p99: at('p99') };
  });
  return {
    ...first,
    buildSeconds: over((result) => result.buildSeconds),
    bytesPerTitle: over((result) => result.bytesPerTitle),
    updateP50: first.updateP50 === undefined ? undefined : over((result) => result.updateP50 ?? Number.NaN),
    modes,
  };
}

/** One table per size: engines down, modes across; p50 / p95 / p99 and the share of exact answers. */
export function printComparison(results: readonly EngineResult[]): string {
  const head = [
    'engine',
    ...MODES.map((mode) => `${mode}: p50 / p95 / p99 (exact)`),
    'bytes per title',
    'build',
    'update p50',
  ];
  const rows = results.map((result) => [
    result.engine,
    ...MODES.map((name) => {
      const mode = result.modes.find((one) => one.mode === name);
      if (!mode) return '–';
      const times = [mode.p50, mode.p95, mode.p99].map(formatTime).join(' / ');
      return `${times} (${(mode.exact * 100).toFixed(mode.exact === 1 ? 0 : 1)} %)`;
    }),
    result.bytesPerTitle.toFixed(0),
    `${result.buildSeconds.toFixed(2)} s`,
    result.updateP50 === undefined ? '–' : formatTime(result.updateP50),
  ]);
  return table(head, rows);
}
