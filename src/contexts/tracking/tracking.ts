import { systemClock, type Clock } from '../../kernel/clock';
import type { EventQueue } from './queue';
import { readBatch } from './reading';
import { isBot } from './rules';
import type { BatchResult, TrackedEvent } from './schemas';
import type { VisitorRate } from './visitor-rate';

/** What this process has seen since it started. */
export interface TrackingCounts {
  accepted: number;
  duplicates: number;
  withoutConsent: number;
  bots: number;
  refused: number;
}

export interface TrackingDependencies {
  readonly queue: Pick<EventQueue, 'add'>;
  readonly rate: VisitorRate;
  readonly counts: TrackingCounts;
  readonly clock?: Clock;
  /** Told of events that are durable, before the answer is sent. Some may have been stored before. */
  readonly onStored?: (events: readonly TrackedEvent[]) => void;
}

/**
 * Takes a batch of events and answers what became of each; resolves when the accepted ones are durable. Throws `overloaded` when
 * too many wait, and what the reading of the body throws: then nothing was taken.
 */
export async function trackEvents(
  { queue, rate, counts, clock = systemClock, onStored }: TrackingDependencies,
  body: { readonly text: string; readonly kind: 'json' | 'lines'; readonly userAgent: string | undefined },
): Promise<BatchResult> {
  const now = clock.now();
  const { events, errors } = readBatch(body.text, body.kind, now);
  const agreed = events.filter(({ consent }) => consent);
  const wanted: readonly TrackedEvent[] = isBot(body.userAgent)
    ? []
    : agreed.filter(({ visitorId }) => rate.admit(visitorId, now));
  const duplicates = await queue.add(wanted);
  if (wanted.length > 0) onStored?.(wanted);
  const result = {
    accepted: wanted.length - duplicates,
    duplicates,
    withoutConsent: events.length - agreed.length,
    bots: agreed.length - wanted.length,
    refused: errors.length,
  };
  for (const [name, count] of Object.entries(result)) counts[name as keyof TrackingCounts] += count;
  return { ...result, errors: [...errors] };
}
