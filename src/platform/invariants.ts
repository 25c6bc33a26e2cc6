import type pg from 'pg';

/** Something that holds at every moment. A context states those of its own tables, in its store. */
export interface Invariant {
  /** As design and reports name it: I2. */
  readonly id: string;
  readonly says: string;
  /** A query of one column: what breaks it. No row where all is well. */
  readonly broken: string;
}

/** How an invariant was found. */
export interface Verdict {
  readonly id: string;
  readonly says: string;
  /** How many break it. */
  readonly count: number;
  /** A few of them. */
  readonly examples: readonly string[];
}

export const MOST_EXAMPLES = 5;

/** Asks for each, one after the other. Reads only. */
export async function judge(
  client: Pick<pg.ClientBase, 'query'>,
  invariants: readonly Invariant[],
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const { id, says, broken } of invariants) {
    const { rows } = await client.query<{ count: number; examples: string[] }>(
      `select count(*)::int as count, coalesce((array_agg(broken order by broken))[1:${MOST_EXAMPLES}], '{}') as examples
       from (${broken}) as found(broken)`,
    );
    verdicts.push({ id, says, count: rows[0]?.count ?? 0, examples: rows[0]?.examples ?? [] });
  }
  return verdicts;
}
