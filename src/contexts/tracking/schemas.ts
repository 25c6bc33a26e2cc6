import { z } from '../../platform/http/zod';
import { normaliseQuery } from './rules';

/** What tracking takes and gives over HTTP. OpenAPI is generated from these; unknown fields are refused: none is for a person. */

const id = (prefix: string, kind: 'UUIDv7' | 'UUID'): z.ZodString =>
  z
    .string()
    .regex(
      new RegExp(
        `^${prefix}_[0-9a-f]{8}-[0-9a-f]{4}-${kind === 'UUIDv7' ? '7' : '[1-8]'}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
      ),
      { error: `must be ${prefix}_ and a ${kind} in lower case` },
    );
const slug = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, { error: 'must be up to 40 of a-z, 0-9, - and _' });
const query = z.string().max(1_000).transform(normaliseQuery);
const productId = id('prd', 'UUID');
const quantity = z.int().min(1).max(1_000_000);

const common = {
  id: id('evt', 'UUIDv7').describe('Made by whoever saw it happen, when it happened: the same each time it is sent.'),
  visitorId: id('vis', 'UUID').describe('A random number that the visitor carries, of nobody in particular.'),
  consent: z.boolean().default(false).describe('Whether the visitor agreed to this. Without it nothing is stored.'),
};
const slot = slug.describe('Where it was seen: search, suggestions, home …').optional();

export const trackedEventSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ ...common, type: z.literal('view'), productId, slot }),
    z.strictObject({
      ...common,
      type: z.literal('search'),
      query,
      results: z.int().min(0).max(1_000_000_000).optional().describe('How many products were found.'),
    }),
    z.strictObject({
      ...common,
      type: z.literal('click'),
      productId,
      query: query.optional().describe('What was asked for where the product was found.'),
      position: z.int().min(0).max(100_000).optional().describe('Its place in the list, from 0.'),
      slot,
    }),
    z.strictObject({ ...common, type: z.literal('add_to_cart'), productId, quantity: quantity.optional(), slot }),
    z.strictObject({
      ...common,
      type: z.literal('purchase'),
      productId,
      orderId: id('ord', 'UUID'),
      quantity: quantity.optional(),
    }),
    z.strictObject({
      ...common,
      type: z.literal('exposure'),
      experiment: slug,
      variant: slug,
      productId: productId.optional(),
    }),
  ])
  .openapi('TrackedEvent');
export type TrackedEvent = z.output<typeof trackedEventSchema>;

export const MOST_EVENTS = 500;

export const eventBatchSchema = z
  .strictObject({ events: z.array(trackedEventSchema).max(MOST_EVENTS) })
  .openapi('TrackedEventBatch');

export const batchResultSchema = z
  .object({
    accepted: z.int().describe('Stored now, or kept by a Redis stream until they are: they survive a crash.'),
    duplicates: z
      .int()
      .describe('Stored before, under the same id. Through a Redis stream: those that are twice in the request.'),
    withoutConsent: z.int().describe('Not stored: the visitor did not agree.'),
    bots: z.int().describe('Not stored: from a program, or from a visitor who is faster than a person.'),
    refused: z.int().describe('Not stored: not acceptable; see errors.'),
    errors: z.array(
      z.object({
        line: z.int().describe('From 1; the place in `events`, or the line of the body.'),
        field: z.string().describe('A JSON pointer into the event.'),
        code: z.string(),
        reason: z.string(),
      }),
    ),
  })
  .openapi('TrackedEventBatchResult');
export type BatchResult = z.output<typeof batchResultSchema>;
export type LineError = BatchResult['errors'][number];
