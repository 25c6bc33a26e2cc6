import express, { Router } from 'express';
import type { Database } from '../../platform/database';
import { requireAdmin } from '../../platform/http/admin';
import { bodyOf, knownId, PRIVATE, sendPage } from '../../platform/http/answers';
import { pageQuery } from '../../platform/http/fields';
import { refuseOtherMethods } from '../../platform/http/methods';
import { parse } from '../../platform/http/problem';
import { z } from '../../platform/http/zod';
import { idempotent, type Reply } from '../../platform/idempotency';
import { MARKETS } from './markets';
import './openapi';
import { addFxSnapshot, browsePriceLists, createPriceList, readLatestSnapshot, readPriceList } from './price-lists';
import { createQuote, readQuote } from './quotes';
import { ppmToPercent } from './rules';
import {
  adminQuoteRequestSchema,
  newFxSnapshotSchema,
  newPriceListSchema,
  priceListIdSchema,
  quoteIdSchema,
  quoteRequestSchema,
  type QuoteView,
} from './schemas';

export interface PricingRouteDependencies {
  readonly database: Database;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
}

const pageQuerySchema = z.strictObject(pageQuery);

const quoted = (quote: QuoteView): Reply => ({
  status: 201,
  headers: { Location: `/v1/quotes/${quote.id}` },
  body: quote,
});

/** /v1/markets and /v1/quotes for everybody; price lists, rates and quotes for customer groups for the back office. */
export function pricingRoutes({ database, adminToken }: PricingRouteDependencies): Router {
  const router = Router();
  const markets = MARKETS.map(({ state, treatment, taxes, ...market }) => ({
    ...market,
    state: state ?? null,
    taxIncluded: treatment !== 'exclusive',
    taxes: taxes.map(({ name, ratePpm }) => ({ name, percent: ppmToPercent(ratePpm) })),
  }));
  router.get('/v1/markets', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=3600').json({ data: markets });
  });
  router.post(
    '/v1/quotes',
    express.json({ limit: '100kb' }),
    idempotent(database, 'accepted', (req) => {
      const input = parse(quoteRequestSchema, bodyOf(req), 'The request');
      return async (client) => quoted(await createQuote(client, input, null));
    }),
  );
  router.get('/v1/quotes/:id', async (req, res) => {
    res.set('Cache-Control', PRIVATE).json(await readQuote(database.pool, knownId(req.params.id, quoteIdSchema)));
  });
  router.use('/v1/admin', requireAdmin(adminToken), adminRoutes(database));
  refuseOtherMethods(router);
  return router;
}

function adminRoutes(database: Database): Router {
  const router = Router();
  router.use(express.json({ limit: '200kb' }));
  router.use((_req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    next();
  });
  router.post(
    '/quotes',
    idempotent(database, 'accepted', (req) => {
      const { customerGroup, ...input } = parse(adminQuoteRequestSchema, bodyOf(req), 'The request');
      return async (client) => quoted(await createQuote(client, input, customerGroup ?? null));
    }),
  );
  router.get('/price-lists', async (req, res) => {
    sendPage(req, res, await browsePriceLists(database.pool, parse(pageQuerySchema, req.query, 'The query')), PRIVATE);
  });
  router.get('/price-lists/:id', async (req, res) => {
    res.json(await readPriceList(database.pool, knownId(req.params.id, priceListIdSchema)));
  });
  router.post(
    '/price-lists',
    idempotent(database, 'accepted', (req) => {
      const input = parse(newPriceListSchema, bodyOf(req), 'The price list');
      return async (client) => {
        const list = await createPriceList(client, input);
        return { status: 201, headers: { Location: `/v1/admin/price-lists/${list.id}` }, body: list };
      };
    }),
  );
  router.get('/fx-snapshots/latest', async (_req, res) => {
    res.json(await readLatestSnapshot(database.pool));
  });
  router.post(
    '/fx-snapshots',
    idempotent(database, 'accepted', (req) => {
      const input = parse(newFxSnapshotSchema, bodyOf(req), 'The snapshot');
      return async (client) => ({ status: 201, body: await addFxSnapshot(client, input) });
    }),
  );
  refuseOtherMethods(router);
  return router;
}
