import type { Carts } from './carts';
import type { Orders } from './contexts/orders';
import type { Payments, PaymentsBackground } from './contexts/payments';
import type { SearchService } from './contexts/search';
import type { EventBus } from './event-bus';
import type { Admission } from './platform/http/admission';
import type { LoadMeter } from './platform/http/load';
import type { Turns } from './platform/http/turns';
import type { Metrics } from './platform/http/metrics';
import type { LoopStatus } from './platform/loop';
import type { Outbox } from './platform/outbox';
import type { GuardStatus } from './platform/resilience/guard';

/** What /metrics shows of the parts that run, read when somebody asks. */

/** When a background loop last succeeded, and how often it failed. */
export function registerLoop(metrics: Metrics, name: string, what: string, status: () => LoopStatus): void {
  metrics.gauge(`${name}_last_success_seconds`, `${what}: when it last succeeded, since the epoch.`, () => {
    const at = status().lastSuccessAt;
    return at && at / 1000;
  });
  metrics.gauge(`${name}_errors_count`, `${what}: failed steps.`, () => status().errors);
}

/** How late the process is, and whom it turns away for that. */
export function registerAdmission(metrics: Metrics, meter: LoadMeter, admission: Admission, turns: Turns): void {
  metrics.gauge('easy11_http_load_level', 'From 0 (well) to 3 (only what is vital is answered).', () => meter.level);
  metrics.gauge('easy11_http_loop_delay_seconds', 'How late the event loop is.', () => meter.delayMs / 1000);
  metrics.gauge('easy11_http_waiting_count', 'Requests that wait for their turn.', () => turns.waiting);
  metrics.gauge('easy11_http_shed_count', 'Requests turned away under load.', () => admission.status().shed);
  metrics.gauge('easy11_http_limited_count', 'Requests beyond a rate.', () => admission.status().limited);
}

/** How often a read needs nothing but the prices, and whether the processes hear of each other. */
export function registerCarts(metrics: Metrics, { sweeper, kept, news }: Carts): void {
  registerLoop(metrics, 'easy11_cart_expiry', 'The removal of expired carts', sweeper.status);
  const reads = 'Reads of a cart by whether what was kept of it';
  metrics.gauge('easy11_cart_kept_right_count', `${reads} was right.`, () => kept.status().right);
  metrics.gauge('easy11_cart_kept_wrong_count', `${reads} was of another version.`, () => kept.status().wrong);
  metrics.gauge('easy11_cart_kept_unknown_count', `${reads} was nothing.`, () => kept.status().unknown);
  if (!news) return;
  metrics.gauge('easy11_cart_news_told_count', 'Changes of carts told to other processes.', () => news.status().told);
  metrics.gauge('easy11_cart_news_lost_count', 'Changes that Redis did not take.', () => news.status().lost);
  metrics.gauge('easy11_cart_news_heard_count', 'Changes heard from other processes.', () => news.status().heard);
}

/** Whether orders get on, and which of them need a person. */
export function registerOrders(metrics: Metrics, { worker, backlog }: Orders): void {
  registerLoop(metrics, 'easy11_orders_saga', 'The worker of the sagas', worker.status);
  metrics.gauge('easy11_orders_saga_active_count', 'Sagas that this process works on.', worker.active);
  metrics.gauge('easy11_orders_saga_failed_count', 'Steps of sagas that failed.', worker.failed);
  metrics.gauge('easy11_orders_saga_superseded_count', 'Late writes that a fence refused.', worker.superseded);
  metrics.gauge('easy11_orders_saga_open_count', 'Sagas that have not ended.', () => backlog()?.open);
  metrics.gauge('easy11_orders_saga_manual_count', 'Sagas that need a person.', () => backlog()?.manual);
  metrics.gauge(
    'easy11_orders_saga_oldest_seconds',
    'How long the slowest saga has been in its step.',
    () => backlog()?.oldestSeconds,
  );
}

const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Whether a dependency that requests wait for is spared for a while. */
export function registerGuard(metrics: Metrics, name: string, what: string, status: () => GuardStatus): void {
  const state = `Breaker of ${what}: 0 closed, 1 half-open, 2 open.`;
  metrics.gauge(`${name}_breaker_state`, state, () => BREAKER_STATES[status().breaker]);
  metrics.gauge(`${name}_breaker_opened_count`, 'How often it opened.', () => status().opened);
}

/** Whether the payment provider is spared for a while, and how busy the way to it is. */
export function registerPayments(metrics: Metrics, payments: Payments, background: PaymentsBackground): void {
  registerGuard(metrics, 'easy11_payments', 'the payment provider', () => payments.status());
  metrics.gauge('easy11_payments_calls_count', 'Calls on their way to the provider.', () => payments.status().running);
  metrics.gauge('easy11_payments_waiting_count', 'Calls that wait for a place.', () => payments.status().waiting);
  metrics.gauge('easy11_payments_differences_count', 'Differences that the last reconciliation found.', () =>
    background.reconciliation.differences(),
  );
  registerLoop(metrics, 'easy11_payments_follow_up', 'Asking for silent payments', background.followUp.status);
  registerLoop(metrics, 'easy11_payments_reconciliation', 'The reconciliation', background.reconciliation.status);
}

/** What an alert needs of the background loops: that they go on, and how far behind they are. */
export function registerFollowing(metrics: Metrics, outbox: Outbox, search: SearchService): void {
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
export function registerBus(metrics: Metrics, bus: EventBus): void {
  registerLoop(metrics, 'easy11_bus_publisher', 'Sending events to Redis', () => bus.status());
  registerGuard(metrics, 'easy11_bus', 'Redis, for requests', bus.guard);
  metrics.gauge('easy11_bus_published_events_count', 'Events this process sent.', () => bus.status().published);
  metrics.gauge('easy11_bus_lag_events_count', 'Published events not yet sent.', () => bus.status().lag);
  metrics.gauge(
    'easy11_bus_rewinds_count',
    'Streams found shorter than left, and filled again.',
    () => bus.status().rewinds,
  );
}

/** Whether events get to Kafka: as with Redis, no reason to take no traffic. */
export function registerKafka(metrics: Metrics, kafka: Pick<EventBus, 'status'>): void {
  registerLoop(metrics, 'easy11_kafka_publisher', 'Sending events to Kafka', () => kafka.status());
  metrics.gauge('easy11_kafka_published_events_count', 'Events this process sent.', () => kafka.status().published);
  metrics.gauge('easy11_kafka_lag_events_count', 'Published events not yet sent.', () => kafka.status().lag);
  metrics.gauge('easy11_kafka_rewinds_count', 'Partitions that had lost events.', () => kafka.status().rewinds);
}
