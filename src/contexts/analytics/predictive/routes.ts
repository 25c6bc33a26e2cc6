import express, { Router, type Response } from 'express';
import { Problem } from '../../../kernel/errors';
import { decodeCursor, readCursor, toPage, wrongCursor } from '../../../kernel/pages';
import type { Database } from '../../../platform/database';
import { requireAdmin } from '../../../platform/http/admin';
import { bodyOf, knownId, PRIVATE, sendPage } from '../../../platform/http/answers';
import { refuseOtherMethods } from '../../../platform/http/methods';
import { parse } from '../../../platform/http/problem';
import { idempotent } from '../../../platform/idempotency';
import * as models from '../store/models';
import { findTraining, listTrainings } from '../store/trainings';
import './openapi';
import type { Predictions } from './predictions';
import {
  csvLine,
  showChurn,
  showChurnScore,
  showClv,
  showForecast,
  showModel,
  showModelDetail,
  showValue,
} from './presenting';
import { activateModel } from './registry';
import {
  activationSchema,
  forecastQuerySchema,
  modelIdSchema,
  modelQuerySchema,
  scoreQuerySchema,
  trainingIdSchema,
  trainingQuerySchema,
} from './schemas';

export interface PredictionRouteDependencies {
  readonly database: Database;
  /** Undefined where analytics is off. */
  readonly predictions: Predictions | undefined;
  readonly adminToken: string | undefined;
}

const NO_MODEL =
  'There is no model yet. POST /v1/admin/analytics/trainings trains what the data is enough for, and says what is missing.';
const CSV_ROWS = 1_000;

/** Models, trainings, and what they say: /v1/admin/analytics/{models,trainings,clv,churn,forecast}. */
export function predictionRoutes({ database, predictions, adminToken }: PredictionRouteDependencies): Router {
  const router = Router();
  const admin = Router();
  const { pool } = database;
  admin.use(express.json({ limit: '20kb' }));
  admin.use((_req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    next();
  });
  admin.get('/models', async (req, res) => {
    const { after, limit, kind, stage } = parse(modelQuerySchema, req.query, 'The query');
    const found = await models.listModels(pool, { kind, stage, after: readCursor(after), limit });
    const page = toPage(found, limit, ({ id }) => [id]);
    sendPage(req, res, { ...page, data: page.data.map(showModel) }, PRIVATE);
  });
  admin.get('/models/:id', async (req, res) => {
    const id = knownId(req.params.id, modelIdSchema);
    const model = await models.findModel(pool, id);
    if (!model) throw new Problem('not-found', `There is no model ${id}`);
    res.json(showModelDetail(model));
  });
  admin.post(
    '/models/:id/activation',
    idempotent(database, 'accepted', (req) => {
      const id = knownId(req.params.id, modelIdSchema);
      const { evenIfWorse } = parse(activationSchema, bodyOf(req), 'The activation');
      return async (client) => ({ status: 200, body: showModel(await activateModel(client, id, evenIfWorse)) });
    }),
  );
  admin.get('/trainings', async (req, res) => {
    const { after, limit } = parse(trainingQuerySchema, req.query, 'The query');
    const found = await listTrainings(pool, readCursor(after), limit);
    sendPage(
      req,
      res,
      toPage(found, limit, ({ id }) => [id]),
      PRIVATE,
    );
  });
  admin.get('/trainings/:id', async (req, res) => {
    const id = knownId(req.params.id, trainingIdSchema);
    const training = await findTraining(pool, id);
    if (!training) throw new Problem('not-found', `There is no training ${id}`);
    res.json(training);
  });
  admin.post(
    '/trainings',
    idempotent(
      database,
      'accepted',
      () => {
        if (!predictions) throw new Problem('not-found', 'Analytics is off: EASY11_ANALYTICS says so');
        return async (client) => {
          const training = await predictions.requestTraining(client);
          return { status: 202, headers: { Location: `/v1/admin/analytics/trainings/${training.id}` }, body: training };
        };
      },
      { after: (_req, answer) => (predictions?.wake(), answer) },
    ),
  );
  scoreRoute(admin, database, {
    kind: 'clv',
    header: ['customer', 'value', 'probability_alive', 'expected_purchases', 'expected_spend', 'currency'],
    summary: (model) => showClv(model),
    show: (score, { currency }) => showValue(score, currency),
    line: (score, { currency }) => {
      const { customer, value, probabilityAlive, expectedPurchases, expectedSpend } = showValue(score, currency);
      return csvLine([customer, value, probabilityAlive, expectedPurchases, expectedSpend, currency]);
    },
  });
  scoreRoute(admin, database, {
    kind: 'churn',
    header: ['customer', 'probability', 'days_since_last_purchase'],
    summary: (model) => showChurn(model),
    show: showChurnScore,
    line: (score) => {
      const { customer, probability, daysSinceLast } = showChurnScore(score);
      return csvLine([customer, probability, daysSinceLast]);
    },
  });
  admin.get('/forecast', async (req, res) => {
    const { format } = parse(forecastQuerySchema, req.query, 'The query');
    const model = await models.findServed(pool, 'forecast');
    if (format === 'json') {
      res.json(
        model ? { ...showForecast(model), note: null } : { model: null, metrics: null, note: NO_MODEL, data: [] },
      );
      return;
    }
    if (!model) throw new Problem('not-found', NO_MODEL);
    startCsv(res, 'forecast', ['date', 'amount', 'lower80', 'upper80', 'lower95', 'upper95', 'currency']);
    for (const { date, amount, lower80, upper80, lower95, upper95 } of showForecast(model).data)
      res.write(csvLine([date, amount, lower80, upper80, lower95, upper95, model.currency]));
    res.end();
  });
  refuseOtherMethods(admin);
  router.use('/v1/admin/analytics', requireAdmin(adminToken), admin);
  return router;
}

interface ScoreRoute {
  readonly kind: 'clv' | 'churn';
  readonly header: readonly string[];
  readonly summary: (model: models.StoredModel) => object;
  readonly show: (score: models.Score, model: models.StoredModel) => object;
  readonly line: (score: models.Score, model: models.StoredModel) => string;
}

/** What the served model says of customers, the highest first: a page of it, or all of it as CSV. */
function scoreRoute(admin: Router, { pool }: Database, { kind, header, summary, show, line }: ScoreRoute): void {
  admin.get(`/${kind}`, async (req, res) => {
    const { after, limit, format } = parse(scoreQuerySchema, req.query, 'The query');
    const model = await models.findServed(pool, kind);
    if (format === 'csv') {
      if (!model) throw new Problem('not-found', NO_MODEL);
      startCsv(res, kind, header);
      let from: readonly [number, string] | undefined;
      do {
        const rows = (await models.listScores(pool, model.id, { after: from, limit: CSV_ROWS })).slice(0, CSV_ROWS);
        if (!res.write(rows.map((row) => line(row, model)).join('')) && !res.destroyed) await drained(res);
        const last = rows.length === CSV_ROWS ? rows.at(-1) : undefined;
        from = last && [last.value, last.customer];
      } while (from && !res.destroyed);
      res.end();
      return;
    }
    if (!model) {
      const nothing = { model: null, metrics: null, note: NO_MODEL, summary: null };
      res.json({ ...nothing, data: [], page: { next: null, hasMore: false } });
      return;
    }
    const found = await models.listScores(pool, model.id, { after: scoreCursor(after, model.id), limit });
    const page = toPage(found, limit, ({ value, customer }) => [model.id, value, customer]);
    const data = page.data.map((score) => show(score, model));
    const answer = { ...summary(model), note: null, data, page: page.page };
    sendPage(req, res, answer, PRIVATE);
  });
}

/** The place in the list of one model; another model's list is another one. */
function scoreCursor(after: string | undefined, modelId: string): readonly [number, string] | undefined {
  if (after === undefined) return undefined;
  const [model, value, customer] = decodeCursor(after, 3) ?? [];
  if (typeof value !== 'number' || typeof customer !== 'string') throw wrongCursor();
  if (model !== modelId) throw wrongCursor('is a cursor of a model that is no longer served: begin again');
  return [value, customer];
}

function startCsv(res: Response, name: string, header: readonly string[]): void {
  res.writeHead(200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="${name}.csv"`,
  });
  res.write(csvLine(header));
}

const drained = (res: Response): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.on('drain', done);
    res.on('close', done);
  });
