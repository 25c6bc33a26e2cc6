import {
  AlsModel,
  baselineMetrics,
  type AlsParameters,
  type History,
  type InteractionColumns,
  type Metrics,
} from '../../../core';
import type { DriftView, EvaluationView } from '../schemas';
import { driftOf } from './drift';
import type { Interactions } from './interactions';
import { PairSet } from './pairs';
import { quantileOf } from './quantile';

/** The model that answers now, as far as a new one is measured beside it. */
export interface Rival {
  readonly model: AlsModel;
  readonly parameters: AlsParameters;
  /** When the last interaction was that it learnt from. */
  readonly until: number;
}

export interface EvaluationOptions {
  readonly parameters: AlsParameters;
  readonly halfLifeDays: number;
  readonly rival: Rival | undefined;
}

const AT = [10, 20, 100];
const TEST_SHARE = 0.2;
/** Beyond so many interactions a share of the users is measured: the figures change in the third digit. */
const MOST = 1_000_000;
/** So many new pairs after the rival's time are enough to measure it as it is. */
const ENOUGH = 500;

interface Pair {
  readonly user: string;
  readonly item: string;
}

/**
 * Learns from what was before a moment and measures on what is new after it, beside the most popular, item-item cosine and the
 * active model: Recall@20, NDCG@10 and NDCG@100. The moment leaves a fifth after it; or it is the end of what the active model
 * learnt from, where enough came since: then that one is measured as it is. Else it has seen what is measured on, and a model of
 * its parameters, trained on the same part, stands for it.
 */
export async function evaluate(
  all: Interactions,
  { parameters, halfLifeDays, rival }: EvaluationOptions,
): Promise<{ evaluation: EvaluationView; drift: DriftView }> {
  const measured = sampleOf(all);
  const cut = cutOf(all, measured, rival);
  const isBefore = (e: number): boolean => measured(e) && (all.times[e] as number) <= cut.at;
  const train = all.columns(halfLifeDays, isBefore);
  const test = newPairs(all, measured, cut.at);
  const drift = driftOf(all, measured, cut.at);
  const learntFrom = train.users.length;
  const base = { learntFrom, measuredOn: test.length, cutAt: isFinite(cut.at) ? new Date(cut.at).toISOString() : null };
  const none = { users: 0, model: null, mostPopular: null, itemCosine: null, active: null } as const;
  if (learntFrom === 0 || test.length === 0) return { evaluation: { ...base, ...none, activeIs: 'none' }, drift };
  const measure = async (given: AlsParameters): Promise<Metrics> => {
    using model = await AlsModel.fit(train, given);
    return await model.evaluate(test, { at: AT });
  };
  const model = await measure(parameters);
  const { mostPopular, itemCosine } = await baselineMetrics(train, test, { at: AT });
  let active: Figures | null = null;
  if (rival && cut.rivalIsFair) active = await measureAsItIs(rival.model, train, test);
  else if (rival) active = figuresOf(same(rival.parameters, parameters) ? model : await measure(rival.parameters));
  return {
    evaluation: {
      ...base,
      users: model.users,
      model: figuresOf(model),
      mostPopular: figuresOf(mostPopular),
      itemCosine: figuresOf(itemCosine),
      active,
      activeIs: rival ? (cut.rivalIsFair ? 'as-it-is' : 'trained-anew') : 'none',
    },
    drift,
  };
}

type Figures = NonNullable<EvaluationView['model']>;

function figuresOf({ users, recall, ndcg }: Metrics): Figures | null {
  if (users === 0) return null;
  return { recall20: recall[20] ?? 0, ndcg10: ndcg[10] ?? 0, ndcg100: ndcg[100] ?? 0 };
}

const same = (a: AlsParameters, b: AlsParameters): boolean =>
  (['factors', 'iterations', 'regularization', 'unobservedWeight', 'nu', 'seed'] as const).every(
    (name) => a[name] === b[name],
  );

/** Which interactions are measured: all, or those of a share of the users. */
function sampleOf(all: Interactions): (e: number) => boolean {
  if (all.count <= MOST) return () => true;
  const bar = (MOST / all.count) * 2 ** 32;
  return (e) => Math.imul((all.users[e] as number) + 1, 0x9e3779b1) >>> 0 < bar;
}

function cutOf(
  all: Interactions,
  measured: (e: number) => boolean,
  rival: Rival | undefined,
): { at: number; rivalIsFair: boolean } {
  const at = quantileOf(all, measured, 1 - TEST_SHARE);
  if (at === undefined) return { at: -Infinity, rivalIsFair: false };
  if (!rival || rival.until <= at) return { at, rivalIsFair: rival !== undefined };
  return newPairs(all, measured, rival.until).length >= ENOUGH
    ? { at: rival.until, rivalIsFair: true }
    : { at, rivalIsFair: false };
}

/** The pairs after the cut that were not there before it: what somebody has already is no recommendation. */
function newPairs(all: Interactions, measured: (e: number) => boolean, cutAt: number): Pair[] {
  const known = new PairSet();
  const found: Pair[] = [];
  for (const after of [false, true])
    for (let e = 0; e < all.count; e++) {
      if (!measured(e) || (all.times[e] as number) > cutAt !== after) continue;
      const [user, item] = [all.users[e] as number, all.items[e] as number];
      if (known.add(user, item) && after)
        found.push({ user: all.userIds[user] as string, item: all.itemIds[item] as string });
    }
  return found;
}

const BATCH = 512;

/** Measures a model that was trained elsewhere, each user folded in from what they did before the cut. */
async function measureAsItIs(
  model: AlsModel,
  train: InteractionColumns,
  test: readonly Pair[],
): Promise<Figures | null> {
  const taken = new Map<string, Set<string>>();
  for (const { user, item } of test) taken.set(user, (taken.get(user) ?? new Set()).add(item));
  const histories = new Map<string, { item: string; weight: number }[]>();
  for (const [e, number] of train.users.entries()) {
    const user = train.userIds[number] as string;
    if (!taken.has(user)) continue;
    const own = histories.get(user) ?? [];
    own.push({ item: train.itemIds[train.items[e] as number] as string, weight: train.weights?.[e] ?? 1 });
    histories.set(user, own);
  }
  const sums = { recall20: 0, ndcg10: 0, ndcg100: 0 };
  const users = [...histories.keys()];
  for (let from = 0; from < users.length; from += BATCH) {
    const batch = users.slice(from, from + BATCH);
    const given: History[] = batch.map((user) => histories.get(user) ?? []);
    const lists = await model.recommendMany(given, { limit: Math.max(...AT) });
    batch.forEach((user, i) => {
      const wanted = taken.get(user) ?? new Set<string>();
      const hits = (lists[i] ?? []).map(({ item }) => wanted.has(item));
      sums.recall20 += hits.slice(0, 20).filter(Boolean).length / Math.min(20, wanted.size);
      sums.ndcg10 += gain(hits, 10) / gain(Array<boolean>(wanted.size).fill(true), 10);
      sums.ndcg100 += gain(hits, 100) / gain(Array<boolean>(wanted.size).fill(true), 100);
    });
  }
  if (users.length === 0) return null;
  const { recall20, ndcg10, ndcg100 } = sums;
  return { recall20: recall20 / users.length, ndcg10: ndcg10 / users.length, ndcg100: ndcg100 / users.length };
}

const gain = (hits: readonly boolean[], length: number): number =>
  hits.slice(0, length).reduce((sum, hit, rank) => sum + (hit ? 1 / Math.log2(rank + 2) : 0), 0);
