import path from 'node:path';
import express, { type Express } from 'express';
import helmet from 'helmet';
import {
  catalogueRoutes,
  productFastPath,
  ProductDetails,
  PUBLIC,
  seedDemoShop,
  streamSearchableProducts,
} from './contexts/catalogue';
import { cartRoutes, startCartSweeper } from './contexts/cart';
import { DEFAULT_RULES, fraudRoutes, scoreByRules } from './contexts/fraud';
import { inventoryRoutes, seedDemoStock, startInventory } from './contexts/inventory';
import { orderRoutes, startOrders, type Orders } from './contexts/orders';
import {
  createPayments,
  paymentRoutes,
  startPayments,
  type Gateway,
  type Payments,
  type PaymentsBackground,
} from './contexts/payments';
import { pricingRoutes, seedDemoRates } from './contexts/pricing';
import { searchRoutes, startSearch, suggestionsFastPath, type SearchService } from './contexts/search';
import { backend } from './core';
import { migrate, openDatabase, type Database } from './platform/database';
import type { Settings } from './platform/config';
import { accessLog } from './platform/http/access-log';
import { createAdmission, type Admission } from './platform/http/admission';
import { developmentAdminToken, type AdminToken } from './platform/http/admin-token';
import { busLetterRoutes } from './platform/http/bus-letters';
import { requestDeadline } from './platform/http/deadline';
import { deadLetterRoutes } from './platform/http/dead-letters';
import { documentationRoutes } from './platform/http/documentation';
import { errorHandler, notFound } from './platform/http/error-handler';
import { LoadMeter, startLoadSampling } from './platform/http/load';
import { createMetrics, type Metrics } from './platform/http/metrics';
import { operationsRoutes } from './platform/http/operations';
import { RateLimiter } from './platform/http/rate-limit';
import { listen, type HttpServer } from './platform/http/server';
import { storefrontRoutes } from './platform/http/storefront';
import { startIdempotencySweep } from './platform/idempotency';
import { keptSecret } from './platform/kept-secret';
import type { Log } from './platform/log';
import type { LoopStatus } from './platform/loop';
import { startOutbox, type Outbox } from './platform/outbox';
import { openEventBus, type EventBus } from './event-bus';
import { openPaymentProvider } from './payment-provider';
import { deadlineOf, priorityOf } from './priorities';

/** The package's root, from src/ under a test and from dist/ under `npm start` alike. */
export const packageRoot = path.resolve(__dirname, '..');

export interface App {
  readonly http: HttpServer;
  readonly database: Database;
  readonly search: SearchService;
  readonly admin: AdminToken | undefined;
  /** Undefined when EASY11_PAYMENTS is off. */
  readonly payments: Payments | undefined;
  /** Drains requests, stops the loops and closes the database. Safe to call twice. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Long steps of a start, for the person who waits. */
  readonly progress?: (sentence: string) => void;
  /** Gives the start up: what was started is stopped, and the start rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Builds everything once and starts it. Whatever fails undoes what was started before it.
 * Throws DatabaseError, MigrationError, ListenError, and Easy11Error when EASY11_BACKEND=native cannot be met.
 */
export async function startApp(settings: Settings, log: Log, options: StartOptions = {}): Promise<App> {
  const { progress = () => undefined, signal } = options;
  backend(); // An engine that was asked for and is not there must not be noticed only by the first search.
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    progress(settings.DATABASE_URL ? 'connecting to the database' : 'starting the embedded PostgreSQL');
    const database = await openDatabase(settings, log);
    undo.push(() => database.close());
    signal?.throwIfAborted();
    await migrate(database, { log });
    await seed(settings, database, progress);
    signal?.throwIfAborted();
    const metrics = createMetrics();
    const outbox = startOutbox({ database, log });
    undo.push(() => outbox.close());
    const bus = await openEventBus(settings, { database, outbox, log });
    if (bus) undo.push(() => bus.close());
    const cacheBytes = Math.floor(settings.EASY11_CACHE_BYTES / 2);
    const products = (): ReturnType<typeof streamSearchableProducts> => streamSearchableProducts(database);
    const search = startSearch({ outbox, products, log, cacheBytes, currency: settings.EASY11_CURRENCY });
    undo.push(() => search.close());
    const details = new ProductDetails({ outbox, log, cacheBytes });
    undo.push(() => details.close());
    const inventory = await startInventory({ database, outbox, log });
    undo.push(() => inventory.close());
    const carts = startCartSweeper({ database, log });
    undo.push(() => carts.close());
    const provider = openPaymentProvider(settings, log);
    undo.push(() => provider.close());
    const { gateway } = provider;
    const payments = gateway && createPayments({ gateway });
    const paying = payments && startPayments({ database, gateway, payments, log });
    if (paying) undo.push(() => paying.close());
    const orders = payments && (await carryOrders({ settings, database, outbox, payments, log, metrics }));
    if (orders) undo.push(() => orders.close());
    const idempotency = startIdempotencySweep({ database, log });
    undo.push(() => idempotency.close());
    registerGauges(metrics, outbox, search);
    if (bus) registerBus(metrics, bus);
    registerLoop(metrics, 'easy11_idempotency_sweep', 'The sweep of old keys', idempotency.status);
    registerLoop(metrics, 'easy11_inventory_expiry', 'The release of expired holds', inventory.sweeper.status);
    registerLoop(metrics, 'easy11_cart_expiry', 'The removal of expired carts', carts.status);
    const admission = openDoor(settings, metrics, undo);
    const admin = await adminToken(settings);
    const cartSecret = await cartSecretOf(settings, log);
    if (paying) registerPayments(metrics, payments, paying);
    const parts = { settings, log, metrics, database, search, outbox, bus, admin, cartSecret, admission, details };
    const reconciliation = paying?.reconciliation;
    const app = createExpress({ ...parts, gateway, payments, orders, reconciliation });
    const suggestions = suggestionsFastPath(search, {
      onAnswered: (method, status, seconds) => metrics.observeRequest('/v1/suggestions', method, status, seconds),
      onError: (error) => log.error({ err: error }, 'suggestions failed'),
    });
    const product = productFastPath(details, PUBLIC, (method, status, seconds) =>
      metrics.observeRequest('/v1/products/:id', method, status, seconds),
    );
    const http = await listen(app, [admission.gate, suggestions, product], {
      host: settings.HOST,
      port: settings.PORT,
    });
    undo.push(() => http.close());
    // Streams of order news end first: they would hold up the close.
    undo.push(() => Promise.resolve(orders?.watch.close()));
    await provider.ready(http.url);
    progress('loading the search index');
    // The index is built again and again while the database is away: only a signal ends that.
    await Promise.race([search.whenReady(), aborted(signal)]);
    signal?.throwIfAborted();
    return { http, database, search, admin, payments, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}

async function seed(settings: Settings, database: Database, progress: (sentence: string) => void): Promise<void> {
  // Demonstration products never get into a shop that is in production.
  if (settings.NODE_ENV === 'production' || settings.EASY11_DEMO_PRODUCTS === 0) return;
  const made = await seedDemoShop(database, {
    products: settings.EASY11_DEMO_PRODUCTS,
    currency: settings.EASY11_CURRENCY,
    onProgress: (done, total) => progress(`making a demo catalogue: ${done} of ${total} products`),
  });
  // Only together with its products: a merchant's own get no stock that nobody counted.
  if (made > 0) await seedDemoStock(database);
  await seedDemoRates(database);
}

async function adminToken(settings: Settings): Promise<AdminToken | undefined> {
  if (settings.EASY11_ADMIN_TOKEN) return { token: settings.EASY11_ADMIN_TOKEN, source: 'EASY11_ADMIN_TOKEN' };
  return settings.NODE_ENV === 'production' ? undefined : developmentAdminToken(settings.EASY11_DATA_DIR);
}

/** What signs the tokens of carts. Another process of the same shop takes them only if it has the same. */
async function cartSecretOf(settings: Settings, log: Log): Promise<string> {
  if (settings.EASY11_CART_SECRET) return settings.EASY11_CART_SECRET;
  const { secret, file } = await keptSecret(settings.EASY11_DATA_DIR, 'cart-secret', 32);
  if (settings.NODE_ENV === 'production')
    log.warn({ file }, 'EASY11_CART_SECRET is not set: carts made here are known to this machine alone');
  return secret;
}

/** Rate limit and load shedding, in front of every route. */
function openDoor(settings: Settings, metrics: Metrics, undo: (() => Promise<void>)[]): Admission {
  const rate = settings.EASY11_RATE_LIMIT;
  const meter = new LoadMeter(settings.EASY11_SHED_DELAY);
  const shedding = settings.EASY11_SHED_DELAY > 0;
  if (shedding) {
    const sampling = startLoadSampling(meter);
    undo.push(() => Promise.resolve(sampling.close()));
  }
  const admission = createAdmission({
    limiter: rate > 0 ? new RateLimiter({ rate, burst: rate * 10 }) : undefined,
    proxies: settings.EASY11_TRUSTED_PROXIES,
    level: () => (shedding ? meter.level : 0),
    priorityOf,
  });
  metrics.gauge('easy11_http_load_level', 'From 0 (well) to 3 (only what is vital is answered).', () => meter.level);
  metrics.gauge('easy11_http_loop_delay_seconds', 'How late the event loop is.', () => meter.delayMs / 1000);
  metrics.gauge('easy11_http_shed_count', 'Requests turned away under load.', () => admission.status().shed);
  metrics.gauge('easy11_http_limited_count', 'Requests beyond a rate.', () => admission.status().limited);
  return admission;
}

/** When a background loop last succeeded, and how often it failed. */
function registerLoop(metrics: Metrics, name: string, what: string, status: () => LoopStatus): void {
  metrics.gauge(`${name}_last_success_seconds`, `${what}: when it last succeeded, since the epoch.`, () => {
    const at = status().lastSuccessAt;
    return at && at / 1000;
  });
  metrics.gauge(`${name}_errors_count`, `${what}: failed steps.`, () => status().errors);
}

/** The worker of the sagas. Most of the time a saga waits for the provider, and holds no connection meanwhile. */
async function carryOrders({
  settings,
  metrics,
  ...parts
}: Pick<Parts, 'settings' | 'database' | 'outbox' | 'log' | 'metrics'> & { payments: Payments }): Promise<Orders> {
  const concurrency = Math.max(4, Math.min(32, settings.EASY11_DATABASE_POOL));
  const orders = await startOrders({ ...parts, scorer: scoreByRules(DEFAULT_RULES), concurrency });
  const { worker } = orders;
  registerLoop(metrics, 'easy11_orders_saga', 'The worker of the sagas', worker.status);
  metrics.gauge('easy11_orders_saga_active_count', 'Sagas that this process works on.', worker.active);
  metrics.gauge('easy11_orders_saga_failed_count', 'Steps of sagas that failed.', worker.failed);
  metrics.gauge('easy11_orders_saga_superseded_count', 'Late writes that a fence refused.', worker.superseded);
  metrics.gauge('easy11_orders_saga_open_count', 'Sagas that have not ended.', () => orders.backlog()?.open);
  metrics.gauge('easy11_orders_saga_manual_count', 'Sagas that need a person.', () => orders.backlog()?.manual);
  metrics.gauge(
    'easy11_orders_saga_oldest_seconds',
    'How long the slowest saga has been in its step.',
    () => orders.backlog()?.oldestSeconds,
  );
  return orders;
}

/** Whether the payment provider is spared for a while, and how busy the way to it is. */
function registerPayments(metrics: Metrics, payments: Payments, background: PaymentsBackground): void {
  const states = { closed: 0, 'half-open': 1, open: 2 } as const;
  const breaker = 'Breaker of the payment provider: 0 closed, 1 half-open, 2 open.';
  metrics.gauge('easy11_payments_breaker_state', breaker, () => states[payments.status().breaker]);
  metrics.gauge('easy11_payments_breaker_opened_count', 'How often it opened.', () => payments.status().opened);
  metrics.gauge('easy11_payments_calls_count', 'Calls on their way to the provider.', () => payments.status().running);
  metrics.gauge('easy11_payments_waiting_count', 'Calls that wait for a place.', () => payments.status().waiting);
  metrics.gauge('easy11_payments_differences_count', 'Differences that the last reconciliation found.', () =>
    background.reconciliation.differences(),
  );
  registerLoop(metrics, 'easy11_payments_follow_up', 'Asking for silent payments', background.followUp.status);
  registerLoop(metrics, 'easy11_payments_reconciliation', 'The reconciliation', background.reconciliation.status);
}

/** What an alert needs of the background loops: that they go on, and how far behind they are. */
function registerGauges(metrics: Metrics, outbox: Outbox, search: SearchService): void {
  const seconds = (milliseconds: number | undefined): number | undefined => milliseconds && milliseconds / 1000;
  const relay = (): ReturnType<Outbox['status']>['relay'] => outbox.status().relay;
  metrics.gauge('easy11_outbox_relay_last_success_seconds', 'When the relay last succeeded, since the epoch.', () =>
    seconds(relay().lastSuccessAt),
  );
  metrics.gauge('easy11_outbox_relay_errors_count', 'Failed steps of the relay.', () => relay().errors);
  metrics.gauge('easy11_outbox_published_events_count', 'Events this process published.', () => relay().published);
  metrics.gauge('easy11_search_products_count', 'Products in the search index.', () => search.status().products);
  const kept = 'Suggestions and pages of results answered from memory.';
  metrics.gauge('easy11_search_kept_answers_count', kept, () => search.kept());
  metrics.gauge('easy11_search_lag_events_count', 'Published events not yet applied.', () => search.status().lag);
  metrics.gauge('easy11_search_errors_count', 'Errors of the index.', () => search.status().errors);
  metrics.gauge('easy11_search_last_success_seconds', 'When the log was last read, since the epoch.', () =>
    seconds(search.status().lastSuccessAt),
  );
}

/** Whether events get out of the shop. It is no reason to take no traffic: they wait in the outbox, and nobody for them. */
function registerBus(metrics: Metrics, bus: EventBus): void {
  registerLoop(metrics, 'easy11_bus_publisher', 'Sending events to Redis', () => bus.status());
  metrics.gauge('easy11_bus_published_events_count', 'Events this process sent.', () => bus.status().published);
  metrics.gauge('easy11_bus_lag_events_count', 'Published events not yet sent.', () => bus.status().lag);
  metrics.gauge(
    'easy11_bus_rewinds_count',
    'Streams found shorter than left, and filled again.',
    () => bus.status().rewinds,
  );
}

interface Parts {
  readonly settings: Settings;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly database: Database;
  readonly search: SearchService;
  readonly outbox: Outbox;
  readonly bus: EventBus | undefined;
  readonly admin: AdminToken | undefined;
  readonly cartSecret: string;
  readonly admission: Admission;
  readonly details: ProductDetails;
  readonly gateway: Gateway | undefined;
  readonly payments: Payments | undefined;
  readonly orders: Orders | undefined;
  readonly reconciliation: PaymentsBackground['reconciliation'] | undefined;
}

function createExpress({
  settings,
  log,
  metrics,
  database,
  search,
  outbox,
  bus,
  admin,
  cartSecret,
  admission,
  details,
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
  app.use(inventoryRoutes({ database, adminToken: admin?.token }));
  app.use(pricingRoutes({ database, adminToken: admin?.token }));
  app.use(cartRoutes({ database, currency: settings.EASY11_CURRENCY, secret: cartSecret }));
  app.use(fraudRoutes({ database, adminToken: admin?.token }));
  app.use(orderRoutes({ database, payments, orders, adminToken: admin?.token }));
  app.use(busLetterRoutes({ letters: bus?.letters, adminToken: admin?.token }));
  app.use(deadLetterRoutes({ database, outbox, adminToken: admin?.token }));
  app.use(paymentRoutes({ database, gateway, log, reconciliation, adminToken: admin?.token }));
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
