import type { Router } from 'express';
import { changePopularity } from './contexts/catalogue';
import { startTracking, trackingRoutes, type TrackedEvent, type Tracking } from './contexts/tracking';
import { registerLoop } from './gauges';
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
    stream: settings.REDIS_URL === undefined ? undefined : streamOf(settings, settings.REDIS_URL),
  });
  const { counts, queue, writes, stream } = tracking;
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
    'Copies of events that were refused because one of them was there before, or that had no connection.',
    () => writes.refused,
  );
  if (stream) registerStream(metrics, stream.status);
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

const streamOf = (
  { EASY11_REDIS_PREFIX: prefix, EASY11_EVENT_STREAM: mode }: Settings,
  url: string,
): { url: string; prefix: string; mode: Settings['EASY11_EVENT_STREAM'] } => ({ url, prefix, mode });

function registerStream(metrics: Metrics, status: NonNullable<Tracking['stream']>['status']): void {
  const gauge = (name: string, what: string, of: () => number): void =>
    metrics.gauge(`easy11_tracking_${name}_events_count`, what, of);
  registerLoop(metrics, 'easy11_tracking_stream', 'Bringing events from the stream to PostgreSQL', status);
  gauge('stream', 'Events that wait in the stream, of all processes.', () => status().waiting);
  gauge('diverted', 'Events written straight because the stream did not take them.', () => status().diverted);
  gauge('stream_refused', 'What was in the stream and could not be stored.', () => status().refused);
}
