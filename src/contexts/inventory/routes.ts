import express, { Router } from 'express';
import { Problem } from '../../kernel/errors';
import { joinTransaction, type Database } from '../../platform/database';
import { requireAdmin } from '../../platform/http/admin';
import { bodyOf, knownId, PRIVATE, sendNotModified, sendPage } from '../../platform/http/answers';
import { ifMatchVersion, versionTag } from '../../platform/http/etag';
import { refuseOtherMethods } from '../../platform/http/methods';
import { principalOf } from '../../platform/http/principal';
import { parse } from '../../platform/http/problem';
import { idempotent } from '../../platform/idempotency';
import { skuSchema } from '../catalogue';
import './openapi';
import { commitReservation, readReservation, releaseReservation, reserveStock } from './reservations';
import {
  adjustmentSchema,
  movementQuerySchema,
  newReservationSchema,
  newWarehouseSchema,
  reservationIdSchema,
  stockQuerySchema,
  warehouseChangeSchema,
  warehouseIdSchema,
} from './schemas';
import { adjustStock, browseMovements, browseStock, readAvailability } from './stock';
import { listWarehouses } from './store/warehouses';
import { changeWarehouse, createWarehouse, knownWarehouse } from './warehouses';

export interface InventoryRouteDependencies {
  readonly database: Database;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
}

/** /v1/stock/{sku} for everybody; warehouses, stock, movements and reservations for the back office. */
export function inventoryRoutes({ database, adminToken }: InventoryRouteDependencies): Router {
  const router = Router();
  router.get('/v1/stock/:sku', async (req, res) => {
    const sku = knownId(req.params.sku, skuSchema);
    const available = (await readAvailability(database.pool, [sku])).get(sku);
    if (available === undefined) throw new Problem('not-found', `Nothing is known of the stock of "${sku}"`);
    res.set('Cache-Control', 'no-store').json({ sku, available, inStock: available > 0 });
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
  warehouseRoutes(router, database);
  stockRoutes(router, database);
  reservationRoutes(router, database);
  refuseOtherMethods(router);
  return router;
}

function warehouseRoutes(router: Router, database: Database): void {
  router.get('/warehouses', async (_req, res) => {
    res.json({ data: await listWarehouses(database.pool) });
  });
  router.get('/warehouses/:id', async (req, res) => {
    const warehouse = await knownWarehouse(database.pool, knownId(req.params.id, warehouseIdSchema));
    if (!sendNotModified(req, res, warehouse.version, PRIVATE)) res.json(warehouse);
  });
  router.post(
    '/warehouses',
    idempotent(database, 'accepted', (req) => {
      const input = parse(newWarehouseSchema, bodyOf(req), 'The warehouse');
      return async (client) => {
        const warehouse = await createWarehouse(joinTransaction(database, client), input);
        const headers = { Location: `/v1/admin/warehouses/${warehouse.id}`, ETag: versionTag(warehouse.version) };
        return { status: 201, headers, body: warehouse };
      };
    }),
  );
  router.patch('/warehouses/:id', async (req, res) => {
    const expected = ifMatchVersion(req);
    const change = parse(warehouseChangeSchema, bodyOf(req), 'The change');
    const warehouse = await changeWarehouse(database, knownId(req.params.id, warehouseIdSchema), expected, change);
    res.set('ETag', versionTag(warehouse.version)).json(warehouse);
  });
}

function stockRoutes(router: Router, database: Database): void {
  router.get('/stock', async (req, res) => {
    sendPage(req, res, await browseStock(database, parse(stockQuerySchema, req.query, 'The query')), PRIVATE);
  });
  router.get('/stock/movements', async (req, res) => {
    sendPage(req, res, await browseMovements(database, parse(movementQuerySchema, req.query, 'The query')), PRIVATE);
  });
  router.post(
    '/stock/adjustments',
    idempotent(database, 'required', (req) => {
      const input = parse(adjustmentSchema, bodyOf(req), 'The adjustment');
      const actor = principalOf(req);
      return async (client) => ({ status: 201, body: { data: await adjustStock(client, input, actor) } });
    }),
  );
}

function reservationRoutes(router: Router, database: Database): void {
  router.get('/reservations/:id', async (req, res) => {
    const reservation = await readReservation(database.pool, knownId(req.params.id, reservationIdSchema));
    if (!sendNotModified(req, res, reservation.version, PRIVATE)) res.json(reservation);
  });
  router.post(
    '/reservations',
    idempotent(database, 'required', (req) => {
      const input = parse(newReservationSchema, bodyOf(req), 'The reservation');
      return async (client) => {
        const reservation = await reserveStock(client, input);
        const headers = { Location: `/v1/admin/reservations/${reservation.id}`, ETag: versionTag(reservation.version) };
        return { status: 201, headers, body: reservation };
      };
    }),
  );
  for (const [path, act] of [
    ['/reservations/:id/commitment', commitReservation],
    ['/reservations/:id/release', releaseReservation],
  ] as const) {
    router.post(
      path,
      idempotent(database, 'required', (req) => {
        const id = knownId(req.params.id, reservationIdSchema);
        const actor = principalOf(req);
        return async (client) => {
          const reservation = await act(client, id, actor);
          return { status: 200, headers: { ETag: versionTag(reservation.version) }, body: reservation };
        };
      }),
    );
  }
}
