import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { settle, type Folders } from '../archive/files';
import { quoted, type Engine } from '../duckdb';
import { resolve, type Model } from './model-files';
import type { ModelTest } from './model-tests';
import type { ModelOutcome, TestOutcome } from './outcomes';

export interface BuildOptions {
  readonly engine: Engine;
  readonly models: readonly Model[];
  readonly folders: Folders;
  /** Names the files of its marts. */
  readonly runId: string;
  /** SQL of a dataset of the archive. */
  readonly tableOf: (dataset: string) => string;
  readonly onProgress: (sentence: string) => void | Promise<void>;
}

/** A version of a mart that may be served. */
export interface BuiltMart {
  readonly name: string;
  readonly runId: string;
  /** Relative to the analytics folder. */
  readonly file: string;
  readonly rows: number;
  readonly dataUntil: string | null;
}

export interface Build {
  readonly outcomes: readonly ModelOutcome[];
  readonly marts: readonly BuiltMart[];
}

/**
 * Builds the models in their order and tests each as soon as it is there. What fails, or is made of something that failed, is not
 * among the marts: what is served of it stays as it was. Models must come after what they are made of (`readModels` gives them so).
 * Throws only for what is not a model's fault, such as a full disk.
 */
export async function buildModels(options: BuildOptions): Promise<Build> {
  const outcomes = new Map<string, ModelOutcome>();
  const marts: BuiltMart[] = [];
  for (const [n, model] of options.models.entries()) {
    await options.onProgress(`model ${n + 1} of ${options.models.length}: ${model.name}`);
    const began = performance.now();
    const broken = model.parents.filter((parent) => isBroken(outcomes.get(parent)));
    const blank = { name: model.name, layer: model.layer, rows: null, tests: [], milliseconds: 0 };
    if (broken.length > 0) {
      const error = `made of ${broken.join(', ')}`;
      outcomes.set(model.name, { ...blank, state: 'blocked', error });
      continue;
    }
    const { mart, ...outcome } = await buildModel(options, model);
    if (mart) marts.push(mart);
    outcomes.set(model.name, { ...blank, ...outcome, milliseconds: Math.round(performance.now() - began) });
  }
  return { outcomes: [...outcomes.values()], marts };
}

const isBroken = (outcome: ModelOutcome | undefined): boolean =>
  outcome?.state === 'failed' || outcome?.state === 'blocked';

type Built = Pick<ModelOutcome, 'state' | 'rows' | 'error' | 'tests'> & { readonly mart?: BuiltMart };

async function buildModel(options: BuildOptions, model: Model): Promise<Built> {
  const { engine } = options;
  try {
    await engine.run(`create ${model.view ? 'view' : 'table'} "${model.name}" as ${resolve(model, options.tableOf)}`);
  } catch (error) {
    return { state: 'failed', rows: null, tests: [], error: wordsOf(error) };
  }
  const rows = await engine.number(`select count(*) from "${model.name}"`);
  const tests: TestOutcome[] = [];
  for (const test of model.tests) tests.push(await outcomeOf(engine, model, test));
  const failed = tests.filter(({ state }) => state === 'failed').map(({ test }) => test);
  if (failed.length > 0) return { state: 'failed', rows, tests, error: `does not hold: ${failed.join('; ')}` };
  if (model.layer !== 'marts') return { state: 'built', rows, tests, error: null };
  return { state: 'published', rows, tests, error: null, mart: await writeMart(options, model, rows) };
}

/** A test that cannot be counted, because what it compares with is not there or its SQL is wrong, does not hold. */
async function outcomeOf(engine: Engine, { name }: Model, { text, blocks, count }: ModelTest): Promise<TestOutcome> {
  const broken = blocks ? 'failed' : 'warned';
  try {
    const failures = await engine.number(count(name));
    return { test: text, failures, error: null, state: failures === 0 ? 'passed' : broken };
  } catch (error) {
    return { test: text, failures: null, error: wordsOf(error), state: broken };
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Writes a mart beside those that are served. */
async function writeMart({ engine, folders, runId }: BuildOptions, model: Model, rows: number): Promise<BuiltMart> {
  const { name, until } = model;
  const file = path.join('marts', name, `${runId}.parquet`);
  const home = path.join(folders.marts, name);
  await mkdir(home, { recursive: true });
  await mkdir(folders.work, { recursive: true });
  const work = path.join(folders.work, `${name}.parquet`);
  await rm(work, { force: true });
  await engine.run(`copy "${name}" to ${quoted(work)} (format parquet, compression zstd)`);
  await settle(work, path.join(folders.root, file));
  const [last] =
    until === undefined ? [] : await engine.rows(`select max(${until})::timestamp as until from "${name}"`);
  return { name, runId, file, rows, dataUntil: (last?.until as string | null | undefined) ?? null };
}
