import { Problem } from '../../kernel/errors';
import { DEFAULT_SETTINGS, settingsSchema, type RecommendationSettings } from './settings';
import type { Queryable } from './store/models';
import * as store from './store/settings';

export interface VersionedSettings {
  /** 0 as long as nobody changed them. */
  readonly version: number;
  readonly settings: RecommendationSettings;
}

/** The weights that hold: what was written last, else the defaults. Fields that it does not have yet are the defaults'. */
export async function readSettings(client: Queryable): Promise<VersionedSettings> {
  const stored = await store.findSettings(client);
  if (!stored) return { version: 0, settings: DEFAULT_SETTINGS };
  const written = typeof stored.settings === 'object' ? stored.settings : {};
  return { version: stored.version, settings: settingsSchema.parse({ ...DEFAULT_SETTINGS, ...written }) };
}

/** Replaces the weights of version `expected` (any, when undefined). Throws `precondition-failed` when they have changed. */
export async function changeSettings(
  client: Queryable,
  settings: RecommendationSettings,
  expected: number | undefined,
): Promise<VersionedSettings> {
  const version = await store.writeSettings(client, settings, expected);
  if (version === undefined)
    throw new Problem('precondition-failed', `The weights are no longer version ${expected}: read them again`);
  return { version, settings };
}
