import type { z } from 'zod';

/** What may be expected of a type of event: /asyncapi.json is generated from it. */
export interface EventDescription {
  readonly type: string;
  /** One sentence in the past tense. */
  readonly summary: string;
  /** Who says so: "/easy11/catalogue". */
  readonly source: string;
  /** The kind of aggregate that it happens to: "product" of "product:prd_…". */
  readonly kind: string;
  readonly data: z.ZodType;
}

const events = new Map<string, EventDescription>();

/** Contexts register here, in their events.ts, what they tell the others. Throws for a type that is known already. */
export function registerEvents({
  types,
  ...shared
}: Omit<EventDescription, 'type' | 'summary'> & { readonly types: Readonly<Record<string, string>> }): void {
  for (const [type, summary] of Object.entries(types)) {
    if (events.has(type)) throw new Error(`${type} is registered twice`);
    events.set(type, { type, summary, ...shared });
  }
}

/** Every type of event there is, by name. */
export function registeredEvents(): readonly EventDescription[] {
  return [...events.values()].sort((a, b) => (a.type < b.type ? -1 : 1));
}
