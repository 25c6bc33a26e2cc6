import type { RecommendationSettings } from '../settings';
import type { Queryable } from './models';

export interface StoredSettings {
  readonly version: number;
  readonly settings: unknown;
}

export async function findSettings(client: Queryable): Promise<StoredSettings | undefined> {
  const { rows } = await client.query<StoredSettings>({
    name: 'recommendations-settings',
    text: 'select version, settings from recommendation_settings where id = 1',
  });
  return rows[0];
}

/** Writes the settings over version `expected` (0: over none; undefined: over any). Undefined when somebody was faster. */
export async function writeSettings(
  client: Queryable,
  settings: RecommendationSettings,
  expected: number | undefined,
): Promise<number | undefined> {
  const { rows } = await client.query<{ version: number }>(
    `insert into recommendation_settings as present (version, settings)
       select 1, $1::jsonb where $2::int is null or $2 = 0 or exists (select from recommendation_settings where id = 1)
     on conflict (id) do update set version = present.version + 1, settings = excluded.settings, updated_at = now()
       where $2::int is null or present.version = $2
     returning version`,
    [JSON.stringify(settings), expected ?? null],
  );
  return rows[0]?.version;
}
