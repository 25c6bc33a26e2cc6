import { Router, type Request, type Response } from 'express';
import type { Database } from '../../platform/database';
import { Problem } from '../../kernel/errors';
import { readCursor, toPage } from '../../kernel/pages';
import { requireAdmin } from '../../platform/http/admin';
import { knownId, PRIVATE, sendPage } from '../../platform/http/answers';
import { refuseOtherMethods } from '../../platform/http/methods';
import { parse } from '../../platform/http/problem';
import { idempotent } from '../../platform/idempotency';
import type { Analytics } from './analytics';
import { sendSaved } from './downloads';
import { lineageOf } from './lineage';
import './openapi';
import { readModels } from './pipeline/model-files';
import { REPORTS } from './reports';
import { cursorAt, offsetOf, querySchema, show, type Asked, type Report } from './reports/report';
import { runIdSchema, runQuerySchema } from './schemas';
import { summarizeParts } from './store/exports';
import { findRun, listAlerts, listRuns, type Mart } from './store/runs';

export interface AnalyticsRouteDependencies {
  readonly database: Database;
  /** Undefined where analytics is off. */
  readonly analytics: Analytics | undefined;
  readonly adminToken: string | undefined;
}

const NO_RUN = 'There is no data yet: analytics has not run. POST /v1/admin/analytics/runs asks for a run.';
const NO_ROWS = 'There is nothing in the data that this report could be made of.';
const ALERTS = 100;

/** /v1/admin/analytics for the back office. */
export function analyticsRoutes({ database, analytics, adminToken }: AnalyticsRouteDependencies): Router {
  const router = Router();
  const admin = Router();
  admin.use((_req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    next();
  });
  for (const report of REPORTS)
    admin.get(`/${report.path}`, async (req, res) => {
      await sendReport(running(analytics), report, req, res);
    });
  admin.get('/lineage', async (_req, res) => {
    const [last] = (await listRuns(database.pool, undefined, 20)).filter(({ models }) => models.length > 0);
    res.json(lineageOf(readModels(), last, await summarizeParts(database.pool)));
  });
  admin.get('/alerts', async (_req, res) => {
    res.json({ data: await listAlerts(database.pool, ALERTS) });
  });
  admin.get('/runs', async (req, res) => {
    const { after, limit } = parse(runQuerySchema, req.query, 'The query');
    const found = await listRuns(database.pool, readCursor(after), limit);
    sendPage(
      req,
      res,
      toPage(found, limit, ({ id }) => [id]),
      PRIVATE,
    );
  });
  admin.get('/runs/:id', async (req, res) => {
    const id = knownId(req.params.id, runIdSchema);
    const run = await findRun(database.pool, id);
    if (!run) throw new Problem('not-found', `There is no run ${id}`);
    res.json(run);
  });
  admin.post(
    '/runs',
    idempotent(
      database,
      'accepted',
      () => {
        const { requestRun } = running(analytics);
        return async (client) => {
          const run = await requestRun(client, 'admin');
          return { status: 202, headers: { Location: `/v1/admin/analytics/runs/${run.id}` }, body: run };
        };
      },
      { after: (_req, answer) => (analytics?.wake(), answer) },
    ),
  );
  refuseOtherMethods(admin);
  router.use('/v1/admin/analytics', requireAdmin(adminToken), admin);
  return router;
}

function running(analytics: Analytics | undefined): Analytics {
  if (!analytics) throw new Problem('not-found', 'Analytics is off: EASY11_ANALYTICS says so');
  return analytics;
}

async function sendReport(analytics: Analytics, report: Report, req: Request, res: Response): Promise<void> {
  const asked = parse(querySchema(report), req.query, 'The query') as Asked & { format: string; limit: number };
  const mart = (await analytics.marts()).get(report.mart(asked));
  if (asked.format !== 'json') return sendFile(analytics, report, mart, asked, res);
  if (!mart) {
    res.json({ data: [], page: { next: null, hasMore: false }, run: null, note: NO_RUN });
    return;
  }
  const offset = offsetOf(asked.after as string | undefined, mart.runId);
  const rows = await analytics.forRequests.query(`${report.sql(asked)} limit ${asked.limit + 1} offset ${offset}`);
  const hasMore = rows.length > asked.limit;
  const next = hasMore ? cursorAt(mart.runId, offset + asked.limit) : null;
  const { runId: id, publishedAt, dataUntil } = mart;
  const data = rows.slice(0, asked.limit).map((row) => show(report, row));
  const note = data.length === 0 ? NO_ROWS : null;
  sendPage(req, res, { data, page: { next, hasMore }, run: { id, publishedAt, dataUntil }, note } as never, PRIVATE);
}

/** All rows of a report as a file. Without data it is a 404: an empty file would say that there was nothing. */
async function sendFile(
  analytics: Analytics,
  report: Report,
  mart: Mart | undefined,
  asked: Asked,
  res: Response,
): Promise<void> {
  if (!mart) throw new Problem('not-found', NO_RUN);
  const format = asked.format === 'csv' ? 'csv' : 'parquet';
  await sendSaved(res, await analytics.forRequests.save(report.sql(asked), format), report.path, format);
}
