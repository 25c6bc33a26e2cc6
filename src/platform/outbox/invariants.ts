import type pg from 'pg';
import { judge, type Invariant, type Verdict } from '../invariants';

const EVENTS: readonly Invariant[] = [
  {
    id: 'I7',
    says: 'the events of an aggregate that are kept are contiguous',
    broken: `select aggregate from outbox_events group by aggregate having max(version) - min(version) + 1 <> count(*)`,
  },
  {
    id: 'I15',
    says: 'a dead letter has its error and its attempts',
    broken: `select id::text from outbox_dead_letters where state = 'dead' and (error is null or attempts = 0)`,
  },
];

/** Whether the log of events has gaps, and its dead letters say what befell them. */
export const judgeEvents = (client: Pick<pg.ClientBase, 'query'>): Promise<Verdict[]> => judge(client, EVENTS);

/** The last version of these aggregates in the log; those whose events are not kept any more are left out. */
export async function lastVersions(
  client: Pick<pg.ClientBase, 'query'>,
  aggregates: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ aggregate: string; version: number }>({
    name: 'outbox-last-versions',
    text: 'select aggregate, max(version)::int as version from outbox_events where aggregate = any($1) group by aggregate',
    values: [aggregates],
  });
  return new Map(rows.map(({ aggregate, version }) => [aggregate, version]));
}
