import {
  BODY,
  CLOSED,
  idempotencyKey,
  json,
  KEY_PROBLEMS,
  problemResponses,
  registry,
} from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import {
  adminQuoteRequestSchema,
  fxSnapshotSchema,
  marketSchema,
  newFxSnapshotSchema,
  newPriceListSchema,
  priceListSchema,
  quoteRequestSchema,
  quoteSchema,
} from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const id = z.object({ id: z.string() });
const open = { tags: ['pricing'] };
const admin = { tags: ['pricing: back office'], security: [{ admin: [] }] };

registry.registerPath({
  ...open,
  method: 'get',
  path: '/v1/markets',
  summary: 'Where the shop sells: currencies, taxes, rounding, and where the rates come from',
  responses: { 200: { description: 'All of them', ...json(z.object({ data: z.array(marketSchema) })) } },
});
registry.registerPath({
  ...open,
  method: 'post',
  path: '/v1/quotes',
  summary: 'What a basket costs: valid for a quarter of an hour',
  request: { headers: idempotencyKey('accepted'), body: { required: true, ...json(quoteRequestSchema) } },
  responses: {
    201: { description: 'The quote', ...json(quoteSchema) },
    ...problemResponses(...BODY, ...KEY_PROBLEMS, 'currency-not-offered'),
  },
});
registry.registerPath({
  ...open,
  method: 'get',
  path: '/v1/quotes/{id}',
  summary: 'Read a quote that is still valid',
  request: { params: id },
  responses: {
    200: { description: 'The quote', ...json(quoteSchema) },
    ...problemResponses('not-found', 'quote-expired'),
  },
});

registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/price-lists',
  summary: 'Price lists, the youngest first',
  request: { query: z.object({ limit: z.string().optional(), after: z.string().optional() }) },
  responses: {
    200: {
      description: 'A page; Link has the next',
      ...json(
        z.object({
          data: z.array(priceListSchema),
          page: z.object({ next: z.string().nullable(), hasMore: z.boolean() }),
        }),
      ),
    },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/price-lists/{id}',
  summary: 'Read a price list',
  request: { params: id },
  responses: {
    200: { description: 'The list', ...json(priceListSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/fx-snapshots/latest',
  summary: 'The exchange rates that quotes use now',
  responses: {
    200: { description: 'The rates', ...json(fxSnapshotSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});

for (const [path, summary, taken, made, ...more] of [
  ['price-lists', 'Add a price list', newPriceListSchema, priceListSchema],
  ['fx-snapshots', 'Add the exchange rates of a day', newFxSnapshotSchema, fxSnapshotSchema],
  ['quotes', 'What a basket costs a customer group', adminQuoteRequestSchema, quoteSchema, 'currency-not-offered'],
] as const) {
  registry.registerPath({
    ...admin,
    method: 'post',
    path: `/v1/admin/${path}`,
    summary,
    request: { headers: idempotencyKey('accepted'), body: { required: true, ...json(taken) } },
    responses: {
      201: { description: 'What was made', ...json(made) },
      ...problemResponses(...CLOSED, ...BODY, ...KEY_PROBLEMS, ...more),
    },
  });
}
