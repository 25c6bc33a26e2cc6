import { leastId, type EventType } from '../rules';
import { listPartitions, type Queryable } from './events';

/** What visitors did after they saw a variant of an experiment. */
export interface VariantOutcomes {
  /** Milliseconds since the epoch: where the count begins, which is later than asked for where older events are gone. */
  readonly from: number;
  /** Visitors who saw this variant alone, and those of them with an event of the kind since they first saw it. */
  readonly variants: ReadonlyMap<string, { readonly exposed: number; readonly converted: number }>;
  /** Visitors who saw more than one variant; they are in no other count. */
  readonly sawSeveral: number;
}

/**
 * Counts visitors by the variant that they saw between two moments (milliseconds since the epoch), and those who went on to do
 * something. Reads the events of all days in between: as long as that takes.
 */
export async function countOutcomes(
  client: Queryable,
  {
    experiment,
    metric,
    from,
    until,
  }: { readonly experiment: string; readonly metric: EventType; readonly from: number; readonly until: number },
): Promise<VariantOutcomes> {
  const [oldest = ''] = await listPartitions(client);
  const kept = Date.parse(oldest.replace(/(....)(..)(..)/, '$1-$2-$3'));
  const start = Number.isNaN(kept) ? from : Math.max(from, kept);
  const { rows } = await client.query<{ variant: string | null; exposed: number; converted: number }>({
    name: 'tracking-outcomes',
    text: `
      with seen as (
        select visitor_id, min(occurred_at) as since,
          case when min(variant) = max(variant) then min(variant) end as variant
        from tracking_events where id >= $3 and id < $4 and type = 'exposure' and experiment = $1 group by visitor_id),
      went_on as (
        select distinct visitor_id from tracking_events as event join seen using (visitor_id)
        where id >= $3 and id < $4 and type = $2 and occurred_at >= since)
      select variant, count(*)::int as exposed, count(went_on.visitor_id)::int as converted
      from seen left join went_on using (visitor_id) group by variant`,
    values: [experiment, metric, leastId(start), leastId(until)],
  });
  return {
    from: start,
    variants: new Map(
      rows.flatMap(({ variant, exposed, converted }) => (variant === null ? [] : [[variant, { exposed, converted }]])),
    ),
    sawSeveral: rows.find(({ variant }) => variant === null)?.exposed ?? 0,
  };
}
