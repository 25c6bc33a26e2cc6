import type { AlsModel } from '../../../core';
import type { ProductTable } from '../product-table';
import { blend, complements, diversify, rulesScore, sharesOf, type Candidate, type Parts } from '../rules';
import type { RecommendationSettings } from '../settings';
import type { ContentIndex } from './content';
import type { Margins } from './margins';
import { anchorsOf, tasteOf, type Question } from './question';
import { reasonOf, Vectors, type Reason } from './reasons';
import type { Trends } from './trends';

/** What an answer is made from. */
export interface Engines {
  readonly table: ProductTable;
  /** Undefined until one has been trained. */
  readonly model: AlsModel | undefined;
  /** Undefined until it is built. */
  readonly content: ContentIndex | undefined;
  readonly trends: Trends;
  readonly margins: Pick<Margins, 'of'>;
  readonly settings: RecommendationSettings;
}

export interface Recommended {
  readonly row: number;
  readonly score: number;
  readonly reason: Reason;
}

/**
 * What the parts say of a product. The margin is in the order alone: from a score that anybody may see, beside a popularity that
 * anybody may see, it could be reckoned what the shop pays. So what is shown, and the reason, are made without it.
 */
interface Said extends Parts {
  /** What the rules say inside the shop: with the margin. */
  readonly rulesWithin: number;
}

/** How many the collaborative part brings in. */
const COLLABORATIVE = 100;
const OF_RULES = 60;
/** So many more than are asked for are looked at for diversity. */
const SPREAD = 8;

/** Searches for what is like a product that one answer may wait for; more is found by the next answer. */
const SEARCHES = 2;

/**
 * The best products for a question, best first, each with its reason. Candidates of three parts are blended by the mix and spread
 * by diversity; what is left of the places is filled from what sells. What cannot be had stands only where nothing else is left.
 * Never empty where anything may be shown. O(candidates × limit) and the two searches.
 */
export function recommend(engines: Engines, question: Question, now: number): Recommended[] {
  const { table, settings, trends, margins } = engines;
  const { limit, excluded } = question;
  const done = new Set(question.deeds.map(({ row }) => row));
  const collaborative = fromModel(engines, question, done);
  const content = fromContent(engines, question);
  const parts = new Map<number, Said>();
  const mayStand = (row: number): boolean => table.canBeHad(row) && !excluded.has(row) && !done.has(row);
  const said = (row: number): Said => {
    const says = trends.of(row, now);
    return {
      collaborative: collaborative.get(row) ?? 0,
      content: content.get(row) ?? 0,
      rules: rulesScore(settings.rules, says),
      rulesWithin: rulesScore(settings.rules, says, margins.of(row)),
    };
  };
  for (const rows of [collaborative.keys(), content.keys(), ...fromRules(engines)])
    for (const row of rows) if (!parts.has(row) && mayStand(row)) parts.set(row, said(row));
  const shares = sharesOf(settings.mix, {
    collaborative: collaborative.size > 0,
    content: content.size > 0,
    rules: true,
  });
  const candidates: Candidate[] = Array.from(parts, ([row, one]) => ({
    row,
    score: blend(shares, one) + shares.rules * (one.rulesWithin - one.rules),
    category: table.categoryOf(row),
  }))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, limit * SPREAD);
  const likeness = (a: number, b: number): number => table.words.similarity(a, b);
  const shown = (row: number): number => blend(shares, parts.get(row) ?? said(row));
  const chosen = diversify(candidates, limit, settings, likeness).map(({ row }) => ({ row, score: shown(row) }));
  fill(chosen, engines, limit, excluded, done);
  const vectors = new Vectors(engines);
  return chosen.map(({ row, score }) => ({
    row,
    score,
    reason: reasonOf(row, parts.get(row) ?? said(row), shares, engines, question, vectors, now),
  }));
}

/** What others who did the same went on to take: 1 for the best. */
function fromModel({ model, table }: Engines, question: Question, done: ReadonlySet<number>): Map<number, number> {
  const found = new Map<number, number>();
  if (!model) return found;
  const taste = Array.from(tasteOf(question), ([row, weight]) => ({ item: table.idOf(row), weight })).filter(
    ({ item }) => model.hasItem(item),
  );
  if (taste.length === 0) return found;
  const mayStand = (row: number): boolean => table.canBeHad(row) && !question.excluded.has(row) && !done.has(row);
  const take = (list: readonly { readonly item: string; readonly score: number }[]): void => {
    let best = 0;
    for (const { item, score } of list) {
      const row = table.rowOf(item);
      if (row === undefined || score <= 0 || !mayStand(row)) continue;
      if (best === 0) best = score;
      found.set(row, score / best);
    }
  };
  // Nearly all may stand, so a filter that is asked for each, deeper down, is needed only where it is not so.
  const list = model.recommend(taste, { limit: COLLABORATIVE });
  take(list);
  if (found.size >= question.limit || list.length < COLLABORATIVE || (list.at(-1)?.score ?? 0) <= 0) return found;
  const may = (item: string): boolean => {
    const row = table.rowOf(item);
    return row !== undefined && mayStand(row);
  };
  take(model.recommend(taste, { limit: COLLABORATIVE, filter: may }));
  return found;
}

/** What is alike: the greatest likeness to any of what is in view. In a cart, what is related and not the same. */
function fromContent({ content }: Engines, question: Question): Map<number, number> {
  const found = new Map<number, number>();
  if (!content) return found;
  let searches = 0;
  for (const anchor of anchorsOf(question)) {
    if (!content.knows(anchor) && ++searches > SEARCHES) continue;
    const { rows, cosines } = content.near(anchor);
    rows.forEach((row, i) => {
      const likeness = cosines[i] as number;
      const value = question.slot === 'cart' ? complements(likeness) : likeness;
      found.set(row, Math.max(found.get(row) ?? 0, value));
    });
  }
  return found;
}

const fromRules = ({ trends: { trending, popular, fresh } }: Engines): (readonly number[])[] =>
  [trending, popular, fresh].map((rows) => rows.slice(0, OF_RULES));

/** Fills the places that are left: what sells, then anything that can be had, then what cannot, at last what was looked at before. */
function fill(
  chosen: { row: number; score: number }[],
  { table, trends }: Engines,
  limit: number,
  excluded: ReadonlySet<number>,
  done: ReadonlySet<number>,
): void {
  const standing = new Set(chosen.map(({ row }) => row));
  const take = (rows: Iterable<number>, may: (row: number) => boolean): void => {
    for (const row of rows) {
      if (chosen.length >= limit) return;
      if (standing.has(row) || excluded.has(row) || !may(row)) continue;
      standing.add(row);
      chosen.push({ row, score: 0 });
    }
  };
  take(trends.popular, (row) => table.canBeHad(row) && !done.has(row));
  take(everyRow(table), (row) => table.canBeHad(row) && !done.has(row));
  take(done, (row) => table.canBeHad(row));
  take(everyRow(table), (row) => table.isActive(row));
}

function* everyRow(table: ProductTable): Generator<number> {
  for (let row = 0; row < table.size; row++) yield row;
}
