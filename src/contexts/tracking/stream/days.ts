import type { Database } from '../../../platform/database';
import { DAY_MS, dayOf, daysToKeepReady, timeOf, type Day } from '../rules';
import type { TrackedEvent } from '../schemas';
import { createPartition, listPartitions, lockPartitions } from '../store/events';

const timeOfEvent = ({ id }: TrackedEvent): number => timeOf(id.slice(4));

/**
 * Makes the days of events that are missing, and those that are kept ready. Resolves to the events that are not past the retention: the day
 * of the others was dropped, or would be at once. A day in the far future is not made: an event of it is a mistake.
 */
export async function makeDaysOf(
  events: readonly TrackedEvent[],
  options: {
    readonly database: Pick<Database, 'transaction'>;
    readonly now: number;
    readonly retentionDays: number;
  },
): Promise<readonly TrackedEvent[]> {
  const { database, now, retentionDays } = options;
  // The first moment of the oldest day that is kept.
  const oldest = (Math.floor(now / DAY_MS) - retentionDays) * DAY_MS;
  const kept = events.filter((event) => timeOfEvent(event) >= oldest);
  const days = new Map<string, Day>(daysToKeepReady(now).map((day) => [day.name, day]));
  for (const at of kept.map(timeOfEvent).filter((time) => time <= now)) days.set(dayOf(at).name, dayOf(at));
  await database.transaction(async (client) => {
    await lockPartitions(client);
    const present = new Set(await listPartitions(client));
    for (const day of days.values()) if (!present.has(day.name)) await createPartition(client, day);
  });
  return kept;
}
