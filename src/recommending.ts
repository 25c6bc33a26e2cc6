import type { Router } from 'express';
import path from 'node:path';
import { readCosts, streamCosts, streamSearchableProducts } from './contexts/catalogue';
import { ORDER_CONFIRMED, readPurchases, streamPurchases, type Purchase } from './contexts/orders';
import {
  customerKey,
  recommendationRoutes,
  startRecommendations,
  type Bought,
  type HeardEvent,
  type Recommendations,
  type Sources,
} from './contexts/recommendations';
import { readDemand, readVisitor, type TrackedEvent } from './contexts/tracking';
import { registerLoop } from './gauges';
import { INTERACTION_KINDS, streamAllInteractions } from './interactions';
import type { Settings } from './platform/config';
import type { Database } from './platform/database';
import type { AdminToken } from './platform/http/admin-token';
import type { Metrics } from './platform/http/metrics';
import type { Log } from './platform/log';
import type { Outbox } from './platform/outbox';

/** The program of the process that trains. Without an extension: .ts under a test, .js under `npm start`. */
const TRAINING_PROGRAM = path.join(__dirname, 'recommendations-trainer');

export interface Recommending {
  readonly recommendations: Recommendations;
  readonly routes: Router;
  /** For tracking: what it has just stored. */
  readonly onStored: (events: readonly TrackedEvent[]) => void;
}

/** Starts recommendations as the settings say, hands them what visitors and customers did, and shows what they do. */
export function openRecommendations(
  settings: Settings,
  parts: {
    readonly database: Database;
    readonly outbox: Outbox;
    readonly log: Log;
    readonly metrics: Metrics;
    readonly admin: AdminToken | undefined;
  },
): Recommending {
  const { database, outbox, log, metrics, admin } = parts;
  const recommendations = startRecommendations({
    database,
    outbox,
    log,
    sources: sourcesOf(database, settings.EASY11_POPULARITY_HALF_LIFE_DAYS),
    folder: settings.EASY11_DATA_DIR,
    program: TRAINING_PROGRAM,
    cacheBytes: settings.EASY11_RECOMMENDATIONS_CACHE_BYTES,
    trainingHours: settings.EASY11_RECOMMENDATIONS_TRAINING_HOURS,
  });
  registerRecommendations(metrics, recommendations);
  return {
    recommendations,
    routes: recommendationRoutes({ database, recommendations, adminToken: admin?.token }),
    onStored: (events) => {
      for (const event of events) {
        const heard = heardOf(event);
        if (heard) recommendations.hear(event.visitorId, heard);
      }
    },
  };
}

/** What other contexts know, as recommendations ask for it. */
export function sourcesOf(database: Database, halfLifeDays: number): Sources {
  return {
    products: () => streamSearchableProducts(database),
    costs: () => streamCosts(database),
    costsOf: (productIds) => readCosts(database, productIds),
    interactions: () => streamAllInteractions(database),
    visitor: async (visitorId, most) =>
      (await readVisitor(database, visitorId, most)).map(({ id, productId, type, at }) => ({
        id,
        productId,
        kind: INTERACTION_KINDS[type],
        at,
      })),
    demand: (most) => readDemand(database, { halfLifeDays, most }),
    boughtSince: async function* (since) {
      for await (const purchase of streamPurchases(database, { since })) yield boughtOf(purchase);
    },
    boughtIn: async (orderIds) => (await readPurchases(database, orderIds)).map(boughtOf),
    orderConfirmed: ORDER_CONFIRMED,
  };
}

const boughtOf = ({ email, sku, at }: Purchase): Bought => ({
  customer: email === null ? null : customerKey(email),
  sku,
  at,
});

function heardOf(event: TrackedEvent): HeardEvent | undefined {
  if (event.type === 'search' || event.type === 'exposure') return undefined;
  return { id: event.id, productId: event.productId, kind: INTERACTION_KINDS[event.type], at: Date.now() };
}

function registerRecommendations(metrics: Metrics, recommendations: Recommendations): void {
  const { view, live, histories, trainer, weights, orders, counts } = recommendations;
  registerLoop(metrics, 'easy11_recommendations_catalogue', 'Reading products and demand', view.loop.status);
  registerLoop(metrics, 'easy11_recommendations_model', 'Looking for the active model', live.loop.status);
  registerLoop(metrics, 'easy11_recommendations_training', 'The training of models', trainer.status);
  registerLoop(metrics, 'easy11_recommendations_weights', 'Reading the weights', weights.status);
  registerLoop(metrics, 'easy11_recommendations_orders', 'Beginning to follow orders', orders.status);
  metrics.gauge('easy11_recommendations_products_count', 'Products that may be shown.', () => view.table.active);
  metrics.gauge('easy11_recommendations_lag_events_count', 'Product events not yet applied.', () => view.lag());
  metrics.gauge('easy11_recommendations_model_version', 'The version that answers.', () => live.current?.version);
  metrics.gauge('easy11_recommendations_model_trained_seconds', 'When it was trained, since the epoch.', () => {
    const at = live.current?.trainedAt;
    return at === undefined ? undefined : Date.parse(at) / 1_000;
  });
  metrics.gauge(
    'easy11_recommendations_popularity_psi_ratio',
    'How far what was taken last differs from before, as of the training of the active version.',
    () => live.current?.drift?.popularityPsi,
  );
  metrics.gauge(
    'easy11_recommendations_unseen_users_ratio',
    'Share of the last users who were new, likewise.',
    () => live.current?.drift?.unseenUsers,
  );
  metrics.gauge('easy11_recommendations_training_duration_seconds', 'What the last training here took.', () =>
    trainer.lastSeconds(),
  );
  metrics.gauge('easy11_recommendations_answers_count', 'Answers given.', () => counts().answers);
  metrics.gauge(
    'easy11_recommendations_learnt_answers_count',
    'Of them with a part of the model.',
    () => counts().learnt,
  );
  metrics.gauge(
    'easy11_recommendations_unread_histories_count',
    'Histories of visitors that could not be read.',
    () => histories.failures,
  );
}
