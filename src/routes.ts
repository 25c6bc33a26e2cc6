import path from 'node:path';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { analyticsRoutes, predictionRoutes, type Analytics, type Predictions } from './contexts/analytics';
import { cartRoutes, type KeptCarts } from './contexts/cart';
import { catalogueRoutes, type ProductDetails } from './contexts/catalogue';
import { experimentRoutes } from './contexts/experiments';
import { fraudRoutes } from './contexts/fraud';
import { inventoryRoutes } from './contexts/inventory';
import { orderRoutes, type Orders } from './contexts/orders';
import { paymentRoutes, type Gateway, type Payments, type PaymentsBackground } from './contexts/payments';
import { pricingRoutes } from './contexts/pricing';
import { promotionRoutes } from './contexts/promotions';
import { searchRoutes, type SearchService } from './contexts/search';
import { countOutcomes } from './contexts/tracking';
import { backend } from './core';
import type { EventBus } from './event-bus';
import type { Settings } from './platform/config';
import type { Database } from './platform/database';
import { accessLog } from './platform/http/access-log';
import type { AdminToken } from './platform/http/admin-token';
import type { Admission } from './platform/http/admission';
import { busLetterRoutes } from './platform/http/bus-letters';
import { deadLetterRoutes } from './platform/http/dead-letters';
import { requestDeadline } from './platform/http/deadline';
import { documentationRoutes } from './platform/http/documentation';
import { errorHandler, notFound } from './platform/http/error-handler';
import type { Metrics } from './platform/http/metrics';
import { operationsRoutes } from './platform/http/operations';
import { storefrontRoutes } from './platform/http/storefront';
import type { Log } from './platform/log';
import type { Outbox } from './platform/outbox';
import { deadlineOf } from './priorities';
import type { Recommending } from './recommending';
import type { VisitorTracking } from './visitor-tracking';

/** The package's root, from src/ under a test and from dist/ under `npm start` alike. */
const packageRoot = path.resolve(__dirname, '..');

/** What the routes are made of. */
export interface Parts {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly search: SearchService;
  readonly recommending: Recommending;
  readonly outbox: Outbox;
  readonly bus: EventBus | undefined;
  readonly admin: AdminToken | undefined;
  readonly cartSecret: string;
  readonly keptCarts: KeptCarts;
  readonly admission: Admission;
  readonly details: ProductDetails;
  readonly tracking: VisitorTracking;
  readonly analytics: Analytics | undefined;
  readonly predictions: Predictions | undefined;
  readonly gateway: Gateway | undefined;
  readonly payments: Payments | undefined;
  readonly orders: Orders | undefined;
  readonly reconciliation: PaymentsBackground['reconciliation'] | undefined;
}

/** Everything that Express answers: what stands before a route, the routes, and what is said where there is none. */
export function createExpress({
  settings,
  log,
  metrics,
  database,
  search,
  recommending,
  outbox,
  bus,
  admin,
  cartSecret,
  keptCarts,
  admission,
  details,
  tracking,
  analytics,
  predictions,
  gateway,
  payments,
  orders,
  reconciliation,
}: Parts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(
    helmet({ strictTransportSecurity: settings.NODE_ENV === 'production', contentSecurityPolicy: { directives: CSP } }),
  );
  app.use(accessLog(log, metrics));
  app.use(admission.headers);
  app.use(requestDeadline((req) => deadlineOf(req.path)));
  const version = packageVersion();
  app.use(
    operationsRoutes({
      metrics,
      readiness: [
        { name: 'database', check: () => answers(database) },
        { name: 'search', check: () => (search.ready() ? undefined : 'the index is still loading') },
        { name: 'outbox', check: () => outbox.trouble() },
      ],
      version: () => ({ version, node: process.version, database: database.kind, ...engineReport() }),
    }),
  );
  app.use(documentationRoutes(version, path.join(packageRoot, 'docs'), settings.EASY11_REDIS_PREFIX));
  app.use(catalogueRoutes({ database, log, details, adminToken: admin?.token, currency: settings.EASY11_CURRENCY }));
  app.use(searchRoutes(search));
  app.use(recommending.routes);
  app.use(inventoryRoutes({ database, adminToken: admin?.token }));
  app.use(pricingRoutes({ database, adminToken: admin?.token }));
  app.use(promotionRoutes({ database, adminToken: admin?.token }));
  app.use(cartRoutes({ database, kept: keptCarts, currency: settings.EASY11_CURRENCY, secret: cartSecret }));
  app.use(fraudRoutes({ database, adminToken: admin?.token }));
  app.use(orderRoutes({ database, log, payments, orders, adminToken: admin?.token }));
  app.use(busLetterRoutes({ letters: bus?.letters, adminToken: admin?.token }));
  app.use(deadLetterRoutes({ database, outbox, adminToken: admin?.token }));
  app.use(paymentRoutes({ database, gateway, log, reconciliation, adminToken: admin?.token }));
  app.use(tracking.routes);
  app.use(predictionRoutes({ database, predictions, adminToken: admin?.token }));
  app.use(analyticsRoutes({ database, analytics, adminToken: admin?.token }));
  app.use(experimentRoutes({ database, countOutcomes, adminToken: admin?.token }));
  app.use(storefrontRoutes(path.join(packageRoot, 'dist/web')));
  app.use(notFound);
  app.use(errorHandler(log));
  return app;
}

/** Our own files and a merchant's pictures. The shop is also served over plain HTTP, on a developer's machine. */
const CSP = {
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'https:'],
  'style-src': ["'self'"],
  'upgrade-insecure-requests': null,
};

async function answers(database: Database): Promise<string | undefined> {
  await database.pool.query('select 1');
  return undefined;
}

/** The backend report as JSON can carry it. */
function engineReport(): object {
  const { error, ...report } = backend();
  return { ...report, error: error?.message ?? null };
}

function packageVersion(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- resolved at run time, from src/ and from dist/
  return (require(path.join(packageRoot, 'package.json')) as { version: string }).version;
}
