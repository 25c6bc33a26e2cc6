import type { Clock } from '../../kernel/clock';
import type { RecommendationQuery, RecommendationsAnswer } from './schemas';
import type { CatalogueView } from './serving/catalogue-view';
import { recommend } from './serving/engine';
import type { Histories } from './serving/histories';
import type { LiveModel } from './serving/live-model';
import { questionOf, type Known } from './serving/question';
import type { RecommendationSettings } from './settings';

/** What answers are made with. */
export interface Serving {
  readonly view: Pick<CatalogueView, 'table' | 'content' | 'trends' | 'margins'>;
  readonly live: Pick<LiveModel, 'current'>;
  readonly histories: Pick<Histories, 'of' | 'boughtBy'>;
  readonly clock: Clock;
  readonly settings: () => RecommendationSettings;
  readonly counts: { answers: number; learnt: number };
}

/** What to recommend. Somebody unknown, and a product that is not there, get what everybody would. */
export async function answer(serving: Serving, query: RecommendationQuery): Promise<RecommendationsAnswer> {
  const visitor = query.visitor ?? query.session;
  const events = visitor === undefined ? [] : await serving.histories.of(visitor);
  // From here on all is synchronous: one table, one model, one moment.
  const { view, live, clock } = serving;
  const { table, content, trends, margins } = view;
  const current = live.current;
  const now = clock.now();
  const known = { events, ...customerOf(serving, query.customer) };
  const settings = serving.settings();
  const question = questionOf(query, known, table, settings, now);
  const list = recommend({ table, content, trends, margins, settings, model: current?.model }, question, now);
  serving.counts.answers++;
  if (current && (question.deeds.length > 0 || question.context.length > 0)) serving.counts.learnt++;
  return {
    items: list.map(({ row, score, reason: { code, text, because } }) => ({
      ...table.show(row),
      score: Math.round(score * 10_000) / 10_000,
      reason: { code, text, ...(because === undefined ? {} : { product: table.idOf(because) }) },
    })),
    model: current ? { version: current.version, trainedAt: current.trainedAt } : null,
  };
}

function customerOf({ histories, live }: Serving, customer: string | undefined): Omit<Known, 'events'> {
  if (customer === undefined) return { before: [], bought: [], learntUntil: 0 };
  const current = live.current;
  const before = current?.model.hasUser(customer)
    ? current.model.history(customer).map(({ item, weight }) => ({ productId: item, weight }))
    : [];
  return { before, bought: histories.boughtBy(customer), learntUntil: current?.until ?? 0 };
}
