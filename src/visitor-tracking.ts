import type { Router } from 'express';
import { changePopularity } from './contexts/catalogue';
import { startTracking, trackingRoutes, type TrackedEvent } from './contexts/tracking';
import type { Settings } from './platform/config';
import type { Database } from './platform/database';
import type { Metrics } from './platform/http/metrics';
import type { Log } from './platform/log';

export interface VisitorTracking {
  readonly routes: Router;
  close(): Promise<void>;
}

/** Starts the tracking of visitors as the settings say, hands it the catalogue's popularity, and shows what it does. */
export async function openVisitorTracking(
  settings: Settings,
  {
    metrics,
    onStored,
    ...parts
  }: {
    readonly database: Database;
    readonly log: Log;
    readonly metrics: Metrics;
    readonly onStored?: (events: readonly TrackedEvent[]) => void;
  },
): Promise<VisitorTracking> {
  const tracking = await startTracking({
    ...parts,
    changePopularity,
    queueLength: settings.EASY11_EVENT_QUEUE,
    retentionDays: settings.EASY11_EVENT_RETENTION_DAYS,
    halfLifeDays: settings.EASY11_POPULARITY_HALF_LIFE_DAYS,
    archived: settings.EASY11_ANALYTICS === 'on',
  });
  const { counts, queue, writes } = tracking;
  metrics.gauge('easy11_tracking_waiting_events_count', 'Events that wait to be stored.', () => queue.held);
  metrics.gauge('easy11_tracking_accepted_events_count', 'Events stored.', () => counts.accepted);
  metrics.gauge(
    'easy11_tracking_duplicate_events_count',
    'Events that had been stored before.',
    () => counts.duplicates,
  );
  metrics.gauge('easy11_tracking_unconsented_events_count', 'Events without consent.', () => counts.withoutConsent);
  metrics.gauge('easy11_tracking_bot_events_count', 'Events of programs.', () => counts.bots);
  metrics.gauge('easy11_tracking_refused_events_count', 'Events that were not acceptable.', () => counts.refused);
  metrics.gauge('easy11_tracking_copies_count', 'Writes of events by COPY.', () => writes.copied);
  metrics.gauge('easy11_tracking_inserts_count', 'Writes of events by statement.', () => writes.inserted);
  metrics.gauge(
    'easy11_tracking_refused_copies_count',
    'Copies of events that were refused because one of them was there before.',
    () => writes.refused,
  );
  for (const [name, what] of [
    ['partitions', 'Making and dropping days of events'],
    ['digest', 'Adding events to sessions and demand'],
    ['popularity', 'Bringing demand into popularity'],
  ] as const) {
    const { status } = tracking[name];
    const at = (): number | undefined => status().lastSuccessAt;
    metrics.gauge(`easy11_tracking_${name}_last_success_seconds`, `${what}: last success, since the epoch.`, () => {
      const success = at();
      return success && success / 1000;
    });
    metrics.gauge(`easy11_tracking_${name}_errors_count`, `${what}: failed steps.`, () => status().errors);
  }
  return { routes: trackingRoutes({ ...tracking, ...(onStored ? { onStored } : {}) }), close: () => tracking.close() };
}
