import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../../kernel/errors';
import { readCursor, toPage, type Page } from '../../kernel/pages';
import { variantFor } from '../../kernel/variants';
import { resultsOf } from './results';
import { mayBecome, type Metric } from './rules';
import type { ExperimentChange, ExperimentView, NewExperiment, ResultsView } from './schemas';
import * as store from './store';

/** What visitors did with an experiment. */
export interface Outcomes {
  /** Milliseconds since the epoch: the start that was asked for, or a later one where events before it are not kept any more. */
  readonly from: number;
  /** By variant: visitors who saw only this one, and how many of them did what counts after they first saw it. */
  readonly variants: ReadonlyMap<string, { readonly exposed: number; readonly converted: number }>;
  /** Visitors who saw more than one variant. */
  readonly sawSeveral: number;
}

/** Counts what came of an experiment between two moments, in milliseconds since the epoch. Tracking's own way. */
export type CountOutcomes = (
  client: store.Queryable,
  asked: { readonly experiment: string; readonly metric: Metric; readonly from: number; readonly until: number },
) => Promise<Outcomes>;

/** Adds an experiment, as a draft. Throws `conflict` when its key is taken. */
export async function createExperiment(client: store.Queryable, input: NewExperiment): Promise<ExperimentView> {
  const made = await store.insertExperiment(client, input);
  if (!made) throw new Problem('conflict', `There is an experiment "${input.key}" already`);
  return made;
}

/** Throws `not-found`. */
export async function readExperiment(client: store.Queryable, key: string): Promise<ExperimentView> {
  const experiment = await store.findExperiment(client, key);
  if (!experiment) throw new Problem('not-found', `There is no experiment "${key}"`);
  return experiment;
}

/** One page of experiments, by key. Throws `validation-failed` for a cursor of another list. */
export async function browseExperiments(
  client: store.Queryable,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<Page<ExperimentView>> {
  const rows = await store.listExperiments(client, readCursor(after) ?? '', limit);
  return toPage(rows, limit, ({ key }) => [key]);
}

/**
 * Changes, starts or stops an experiment; `expected` is the version that the change is based on, undefined for any. Throws
 * `not-found`, `precondition-failed`, and `conflict` for what an experiment that has begun does not allow.
 */
export async function changeExperiment(
  client: store.Queryable,
  key: string,
  expected: number | undefined,
  change: ExperimentChange,
): Promise<ExperimentView> {
  const before = await readExperiment(client, key);
  if (expected !== undefined && expected !== before.version) throw overtaken(key);
  const after: ExperimentView = {
    ...before,
    name: change.name ?? before.name,
    metric: change.metric ?? before.metric,
    variants: change.variants ?? before.variants,
    state: change.state ?? before.state,
  };
  if (isDeepStrictEqual(after, before)) return before;
  if (!mayBecome(before.state, after.state))
    throw new Problem('conflict', `The experiment is ${before.state}: it cannot become ${after.state}`);
  const same = after.metric === before.metric && isDeepStrictEqual(after.variants, before.variants);
  if (before.state !== 'draft' && !same)
    throw new Problem('conflict', `The experiment is ${before.state}: its metric and variants stay as they are`);
  const changed = await store.updateExperiment(client, after);
  if (!changed) throw overtaken(key);
  return changed;
}

const overtaken = (key: string): Problem =>
  new Problem('precondition-failed', `The experiment "${key}" has changed since it was read`);

/** What a visitor sees of each experiment that runs. */
export async function assignVariants(
  client: store.Queryable,
  visitorId: string,
): Promise<{ readonly experiment: string; readonly variant: string }[]> {
  const running = await store.listRunning(client);
  return running.map(({ key, variants }) => ({ experiment: key, variant: variantFor(key, variants, visitorId) }));
}

/** What came of an experiment so far; nothing yet for a draft. `now` in milliseconds since the epoch. Throws `not-found`. */
export async function readResults(
  client: store.Queryable,
  count: CountOutcomes,
  key: string,
  now: number,
): Promise<ResultsView> {
  const experiment = await readExperiment(client, key);
  const { startedAt, stoppedAt, metric } = experiment;
  if (startedAt === null) return resultsOf(experiment, undefined);
  const until = stoppedAt === null ? now : Date.parse(stoppedAt);
  const outcomes = await count(client, { experiment: key, metric, from: Date.parse(startedAt), until });
  return resultsOf(experiment, { ...outcomes, until });
}
