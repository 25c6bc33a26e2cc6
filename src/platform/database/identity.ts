import type pg from 'pg';

/**
 * What tells this database from every other: the server's system identifier and the database's own number on it. A restart, a
 * replica that takes over and a restored backup of the server keep it; a dump that is loaded elsewhere gets another.
 */
export async function identityOf({ pool }: { readonly pool: Pick<pg.Pool, 'query'> }): Promise<string> {
  const { rows } = await pool.query<{ identity: string }>(
    `select system_identifier || '/' || (select oid from pg_database where datname = current_database()) as identity
     from pg_control_system()`,
  );
  if (!rows[0]) throw new Error('the database does not say which one it is');
  return rows[0].identity;
}
