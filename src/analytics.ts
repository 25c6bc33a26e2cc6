import path from 'node:path';
import { startAnalytics, type Analytics } from './contexts/analytics';
import { registerGuard, registerLoop } from './gauges';
import type { Settings } from './platform/config';
import type { Database } from './platform/database';
import type { Metrics } from './platform/http/metrics';
import type { Log } from './platform/log';
import type { Outbox } from './platform/outbox';

type AnalyticsSettings = Pick<
  Settings,
  | 'EASY11_ANALYTICS'
  | 'EASY11_ANALYTICS_DIR'
  | 'EASY11_ANALYTICS_MINUTES'
  | 'EASY11_ANALYTICS_MEMORY_MB'
  | 'EASY11_ANALYTICS_THREADS'
  | 'EASY11_DATA_DIR'
>;

/** The program of the process that works. Without an extension: .ts under a test, .js under `npm start`. */
export const ANALYTICS_PROGRAM = path.join(__dirname, 'analytics-worker');

/** What the process that works is told of the settings. */
export const workerSettings = (
  settings: AnalyticsSettings,
): { directory: string; memoryMb: number; threads: number } => ({
  directory: path.resolve(settings.EASY11_ANALYTICS_DIR ?? path.join(settings.EASY11_DATA_DIR, 'analytics')),
  memoryMb: settings.EASY11_ANALYTICS_MEMORY_MB,
  threads: settings.EASY11_ANALYTICS_THREADS,
});

/** Starts analytics as the settings say, and shows what it does. Undefined where they say that there is none. */
export async function openAnalytics(
  settings: AnalyticsSettings,
  parts: { readonly database: Database; readonly outbox: Outbox; readonly log: Log; readonly metrics: Metrics },
): Promise<Analytics | undefined> {
  if (settings.EASY11_ANALYTICS === 'off') return undefined;
  const { metrics, ...rest } = parts;
  const analytics = await startAnalytics({
    ...rest,
    program: ANALYTICS_PROGRAM,
    worker: workerSettings(settings),
    everyMinutes: settings.EASY11_ANALYTICS_MINUTES,
  });
  registerLoop(metrics, 'easy11_analytics_runs', 'Looking for runs of analytics', analytics.loop.status);
  registerGuard(metrics, 'easy11_analytics', 'the process of analytics, for requests', analytics.forRequests.status);
  metrics.gauge('easy11_analytics_open_alerts_count', 'Tests of models that fail.', () => analytics.openAlerts());
  metrics.gauge('easy11_analytics_last_run_seconds', 'When a run last published everything, since the epoch.', () =>
    analytics.lastRunAt(),
  );
  return analytics;
}
