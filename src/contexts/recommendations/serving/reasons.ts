import { rulesScore, type Parts } from '../rules';
import type { REASONS } from '../schemas';
import type { Engines } from './engine';
import { anchorsOf, type Deed, type Question } from './question';

export interface Reason {
  readonly code: (typeof REASONS)[number];
  readonly text: string;
  /** The row of the product that led to it. */
  readonly because?: number;
}

/** Deeds that are looked through for the one that led to a product. */
const LOOKED_THROUGH = 20;

/** Why a product stands in a list: the part that gave it most of its score, and what led there. */
export function reasonOf(
  row: number,
  parts: Parts,
  shares: Parts,
  engines: Engines,
  question: Question,
  vectors: Vectors,
  now: number,
): Reason {
  const collaborative = shares.collaborative * parts.collaborative;
  const content = shares.content * parts.content;
  if (collaborative + content <= shares.rules * parts.rules) return ofRules(row, engines, now);
  return collaborative >= content ? ofOthers(row, engines, question, vectors) : ofLikeness(row, engines, question);
}

/** What the shop keeps of a price is no reason that a shopper is told. */
function ofRules(row: number, { trends, settings }: Engines, now: number): Reason {
  const says = trends.of(row, now);
  const none = { trending: 0, popular: 0, fresh: 0 };
  const alone = (rule: keyof typeof says): number => rulesScore(settings.rules, { ...none, [rule]: says[rule] });
  const trending = alone('trending');
  const fresh = alone('fresh');
  if (trending > 0 && trending >= Math.max(alone('popular'), fresh))
    return { code: 'trending', text: 'Wanted of late' };
  if (fresh > 0 && fresh > alone('popular')) return { code: 'new', text: 'New' };
  return { code: 'popular', text: 'Popular' };
}

function ofLikeness(row: number, engines: Engines, question: Question): Reason {
  const { table } = engines;
  const because = best(anchorsOf(question), (anchor) => table.words.similarity(anchor, row));
  if (because === undefined) return { code: 'popular', text: 'Popular' };
  if (question.context.length === 0) return becauseOf(because, engines, question.deeds);
  return { code: 'similar', text: `Similar to ${table.nameOf(because)}`, because };
}

function ofOthers(row: number, engines: Engines, question: Question, vectors: Vectors): Reason {
  const { table } = engines;
  const sources =
    question.context.length > 0
      ? question.context
      : [...new Set(question.deeds.slice(0, LOOKED_THROUGH).map((deed) => deed.row))];
  const own = vectors.of(row);
  const because = best(sources, (source) => {
    const vector = vectors.of(source);
    return own && vector ? dot(own, vector) : -1;
  });
  if (because === undefined) return { code: 'popular', text: 'Popular' };
  if (question.context.length > 0)
    return { code: 'bought-together', text: `Often bought with ${table.nameOf(because)}`, because };
  return becauseOf(because, engines, question.deeds);
}

function becauseOf(because: number, { table }: Engines, deeds: readonly Deed[]): Reason {
  const bought = deeds.some(({ row, kind }) => row === because && kind === 'purchase');
  const text = `Because you ${bought ? 'bought' : 'viewed'} ${table.nameOf(because)}`;
  return { code: 'because-you-viewed', text, because };
}

function best(rows: readonly number[], valueOf: (row: number) => number): number | undefined {
  let [found, most]: [number | undefined, number] = [undefined, -Infinity];
  for (const row of rows) {
    const value = valueOf(row);
    if (value > most) [found, most] = [row, value];
  }
  return found;
}

/** The vectors of products in the model, of length 1, each asked for once. */
export class Vectors {
  readonly #known = new Map<number, Float32Array | undefined>();

  constructor(private readonly engines: Pick<Engines, 'model' | 'table'>) {}

  /** Undefined for a product that the model does not know. */
  of(row: number): Float32Array | undefined {
    if (this.#known.has(row)) return this.#known.get(row);
    const { model, table } = this.engines;
    const id = table.idOf(row);
    const vector = model?.hasItem(id) ? model.itemVector(id) : undefined;
    if (vector) {
      const length = Math.sqrt(dot(vector, vector));
      for (let i = 0; i < vector.length; i++) vector[i] = length === 0 ? 0 : (vector[i] as number) / length;
    }
    this.#known.set(row, vector);
    return vector;
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
