import { openAnalytics } from './analytics';
import { productFastPath, ProductDetails, PUBLIC, seedDemoShop, streamSearchableProducts } from './contexts/catalogue';
import { DEFAULT_RULES, scoreByRules } from './contexts/fraud';
import { seedDemoStock, startInventory } from './contexts/inventory';
import { startOrders } from './contexts/orders';
import { createPayments, startPayments, type Payments } from './contexts/payments';
import { seedDemoRates } from './contexts/pricing';
import { startSearch, suggestionsFastPath, type SearchService } from './contexts/search';
import { backend } from './core';
import { openCarts } from './carts';
import { openEventBus, openKafkaBus } from './event-bus';
import {
  registerAdmission,
  registerBus,
  registerCarts,
  registerFollowing,
  registerKafka,
  registerLoop,
  registerOrders,
  registerPayments,
} from './gauges';
import type { Clock } from './kernel/clock';
import { openPaymentProvider } from './payment-provider';
import type { Settings } from './platform/config';
import { migrate, openDatabase, type Database } from './platform/database';
import { developmentAdminToken, type AdminToken } from './platform/http/admin-token';
import { createAdmission, type Admission } from './platform/http/admission';
import { LoadMeter, startLoadSampling } from './platform/http/load';
import { createMetrics, type Metrics } from './platform/http/metrics';
import { RateLimiter } from './platform/http/rate-limit';
import { listen, type HttpServer } from './platform/http/server';
import { Turns } from './platform/http/turns';
import { startIdempotencySweep } from './platform/idempotency';
import { keptSecret } from './platform/kept-secret';
import type { Log } from './platform/log';
import { startOutbox } from './platform/outbox';
import { openPredictions } from './predictions';
import { priorityOf } from './priorities';
import { openRecommendations } from './recommending';
import { createExpress } from './routes';
import { openVisitorTracking } from './visitor-tracking';

/** As many as may call the provider at once. */
const SAGAS_AT_ONCE = 32;

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
  /** The clock of the breaker before the payment provider, for tests. */
  readonly breakerClock?: Pick<Clock, 'now'>;
}

/**
 * Builds everything once and starts it. Whatever fails undoes what was started before it.
 * Throws DatabaseError, MigrationError, ListenError, and Easy11Error when EASY11_BACKEND=native cannot be met.
 */
export async function startApp(settings: Settings, log: Log, options: StartOptions = {}): Promise<App> {
  const { progress = () => undefined, signal, breakerClock } = options;
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
    const kafka = await openKafkaBus(settings, { database, outbox, log });
    if (kafka) undo.push(() => kafka.close());
    // Carts are small: an eighth holds those of a day.
    const cartBytes = Math.floor(settings.EASY11_CACHE_BYTES / 8);
    const cacheBytes = Math.floor((settings.EASY11_CACHE_BYTES - cartBytes) / 2);
    const products = (): ReturnType<typeof streamSearchableProducts> => streamSearchableProducts(database);
    const search = startSearch({ outbox, products, log, cacheBytes, currency: settings.EASY11_CURRENCY });
    undo.push(() => search.close());
    const details = new ProductDetails({ outbox, log, cacheBytes });
    undo.push(() => details.close());
    const inventory = await startInventory({ database, outbox, log });
    undo.push(() => inventory.close());
    const carts = await openCarts(settings, { database, log, cacheBytes: cartBytes });
    undo.push(() => carts.close());
    const provider = openPaymentProvider(settings, log);
    undo.push(() => provider.close());
    const { gateway } = provider;
    const payments = gateway && createPayments({ gateway, ...(breakerClock && { clock: breakerClock }) });
    const paying = payments && startPayments({ database, gateway, payments, log });
    if (paying) undo.push(() => paying.close());
    // Most of the time a saga waits for the provider, and holds no connection meanwhile.
    const connections = Math.max(1, Math.floor(settings.EASY11_DATABASE_POOL / 2));
    const scorer = scoreByRules(DEFAULT_RULES);
    const orders =
      payments &&
      (await startOrders({ database, outbox, payments, scorer, log, concurrency: SAGAS_AT_ONCE, connections }));
    if (orders) undo.push(() => orders.close());
    const idempotency = startIdempotencySweep({ database, log });
    undo.push(() => idempotency.close());
    const admin = await adminToken(settings);
    const recommending = openRecommendations(settings, { database, outbox, log, metrics, admin });
    undo.push(() => recommending.recommendations.close());
    const { onStored } = recommending;
    const tracking = await openVisitorTracking(settings, { database, log, metrics, onStored });
    undo.push(() => tracking.close());
    const analytics = await openAnalytics(settings, { database, outbox, log, metrics });
    if (analytics) undo.push(() => analytics.close());
    const predictions = analytics && openPredictions(settings, analytics, { database, log, metrics });
    if (predictions) undo.push(() => predictions.close());
    registerFollowing(metrics, outbox, search);
    if (bus) registerBus(metrics, bus);
    if (kafka) registerKafka(metrics, kafka);
    if (orders) registerOrders(metrics, orders);
    registerLoop(metrics, 'easy11_idempotency_sweep', 'The sweep of old keys', idempotency.status);
    registerLoop(metrics, 'easy11_inventory_expiry', 'The release of expired holds', inventory.sweeper.status);
    registerCarts(metrics, carts);
    const admission = openDoor(settings, metrics, undo);
    const cartSecret = await cartSecretOf(settings, log);
    if (paying) registerPayments(metrics, payments, paying);
    const parts = { settings, log, metrics, database, search, outbox, bus, admin, cartSecret, admission, details };
    const shown = { ...parts, recommending, keptCarts: carts.kept };
    const reconciliation = paying?.reconciliation;
    const app = createExpress({
      ...shown,
      tracking,
      analytics,
      predictions,
      gateway,
      payments,
      orders,
      reconciliation,
    });
    const suggestions = suggestionsFastPath(search, {
      onAnswered: (method, status, seconds) => metrics.observeRequest('/v1/suggestions', method, status, seconds),
      onError: (error) => log.error({ err: error }, 'suggestions failed'),
    });
    const product = productFastPath(details, PUBLIC, (method, status, seconds) =>
      metrics.observeRequest('/v1/products/:id', method, status, seconds),
    );
    const http = await listen(app, [suggestions, product], {
      host: settings.HOST,
      port: settings.PORT,
      door: admission.enter,
    });
    undo.push(() => http.close());
    // Streams of order news end first: they would hold up the close.
    undo.push(() => Promise.resolve(orders?.watch.close()));
    await provider.ready(http.url);
    progress('loading the search index');
    // The index is built again and again while the database is away: only a signal ends that.
    const ready = Promise.all([search.whenReady(), recommending.recommendations.whenReady()]);
    await Promise.race([ready, aborted(signal)]);
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
  const turns = new Turns();
  const shedding = settings.EASY11_SHED_DELAY > 0;
  if (shedding) {
    const sampling = startLoadSampling(meter, () => turns.longestMs);
    undo.push(() => Promise.resolve(sampling.close()));
  }
  const admission = createAdmission({
    limiter: rate > 0 ? new RateLimiter({ rate, burst: rate * 10 }) : undefined,
    proxies: settings.EASY11_TRUSTED_PROXIES,
    level: () => (shedding ? meter.level : 0),
    priorityOf,
    turns,
  });
  registerAdmission(metrics, meter, admission, turns);
  return admission;
}
