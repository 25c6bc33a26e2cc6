import { Readable } from 'node:stream';
import express, { Router } from 'express';
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
import { sendTable, type Table } from './files';
import type { Predictions } from './predictions';
import {
  showChurn,
  showChurnScore,
  showClv,
  showForecast,
  showModel,
  showModelDetail,
  showValue,
  type Field,
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
const FILE_ROWS = 1_000;

/** Models, trainings, and what they say: /v1/admin/analytics/{models,trainings,clv,churn,forecast}. */
export function predictionRoutes(dependencies: PredictionRouteDependencies): Router {
  const { database, predictions, adminToken } = dependencies;
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
        const { requestTraining } = running(predictions);
        return async (client) => {
          const training = await requestTraining(client);
          return { status: 202, headers: { Location: `/v1/admin/analytics/trainings/${training.id}` }, body: training };
        };
      },
      { after: (_req, answer) => (predictions?.wake(), answer) },
    ),
  );
  scoreRoute(admin, dependencies, {
    kind: 'clv',
    columns: [
      ['customer', 'VARCHAR'],
      ['value', 'BIGINT'],
      ['probability_alive', 'DOUBLE'],
      ['expected_purchases', 'DOUBLE'],
      ['expected_spend', 'BIGINT'],
      ['currency', 'VARCHAR'],
    ],
    summary: (model) => showClv(model),
    show: (score, { currency }) => showValue(score, currency),
    fields: (score, { currency }) => {
      const { customer, value, probabilityAlive, expectedPurchases, expectedSpend } = showValue(score, currency);
      return [customer, value, probabilityAlive, expectedPurchases, expectedSpend, currency];
    },
  });
  scoreRoute(admin, dependencies, {
    kind: 'churn',
    columns: [
      ['customer', 'VARCHAR'],
      ['probability', 'DOUBLE'],
      ['days_since_last_purchase', 'INTEGER'],
    ],
    summary: (model) => showChurn(model),
    show: showChurnScore,
    fields: (score) => {
      const { customer, probability, daysSinceLast } = showChurnScore(score);
      return [customer, probability, daysSinceLast];
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
    await sendTable(res, forecastTable(model), format, () => running(predictions));
  });
  refuseOtherMethods(admin);
  router.use('/v1/admin/analytics', requireAdmin(adminToken), admin);
  return router;
}

function running(predictions: Predictions | undefined): Predictions {
  if (!predictions) throw new Problem('not-found', 'Analytics is off: EASY11_ANALYTICS says so');
  return predictions;
}

function forecastTable(model: models.StoredModel): Table {
  const bounds = ['amount', 'lower80', 'upper80', 'lower95', 'upper95'] as const;
  const days = showForecast(model).data.map((day) => [day.date, ...bounds.map((name) => day[name]), model.currency]);
  return {
    name: 'forecast',
    columns: [['date', 'DATE'], ...bounds.map((name) => [name, 'BIGINT'] as const), ['currency', 'VARCHAR']],
    rows: () => Readable.from([days]),
  };
}

interface ScoreRoute {
  readonly kind: 'clv' | 'churn';
  readonly columns: Table['columns'];
  readonly summary: (model: models.StoredModel) => object;
  readonly show: (score: models.Score, model: models.StoredModel) => object;
  readonly fields: (score: models.Score, model: models.StoredModel) => readonly Field[];
}

/** What the served model says of customers, the highest first: a page of it, or all of it as a file. */
function scoreRoute(
  admin: Router,
  { database: { pool }, predictions }: PredictionRouteDependencies,
  { kind, columns, summary, show, fields }: ScoreRoute,
): void {
  async function* rowsOf(model: models.StoredModel): AsyncGenerator<readonly (readonly Field[])[]> {
    let from: readonly [number, string] | undefined;
    do {
      const found = await models.listScores(pool, model.id, { after: from, limit: FILE_ROWS });
      const rows = found.slice(0, FILE_ROWS);
      yield rows.map((row) => fields(row, model));
      const last = found.length > FILE_ROWS ? rows.at(-1) : undefined;
      from = last && [last.value, last.customer];
    } while (from);
  }
  admin.get(`/${kind}`, async (req, res) => {
    const { after, limit, format } = parse(scoreQuerySchema, req.query, 'The query');
    const model = await models.findServed(pool, kind);
    if (format !== 'json') {
      if (!model) throw new Problem('not-found', NO_MODEL);
      await sendTable(res, { name: kind, columns, rows: () => rowsOf(model) }, format, () => running(predictions));
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
