import { startPredictions, type Analytics, type Predictions } from './contexts/analytics';
import { registerLoop } from './gauges';
import type { Settings } from './platform/config';
import type { Database } from './platform/database';
import type { Metrics } from './platform/http/metrics';
import type { Log } from './platform/log';

/** Starts the training of models as the settings say, and shows what it does. */
export function openPredictions(
  { EASY11_TRAINING_HOURS: everyHours }: Pick<Settings, 'EASY11_TRAINING_HOURS'>,
  analytics: Analytics,
  { metrics, ...parts }: { readonly database: Database; readonly log: Log; readonly metrics: Metrics },
): Predictions {
  const predictions = startPredictions({ ...parts, analytics, everyHours });
  registerLoop(metrics, 'easy11_analytics_trainings', 'Looking for trainings', predictions.loop.status);
  return predictions;
}
