import type { ErrorCode } from '../../kernel/errors';
import {
  BODY,
  CLOSED,
  idempotencyKey,
  json,
  KEY_PROBLEMS,
  pageOf,
  problemResponses,
  registry,
} from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import {
  adminProductQuerySchema,
  adminProductSchema,
  brandSchema,
  categoryChangeSchema,
  categorySchema,
  importReportSchema,
  newBrandSchema,
  newCategorySchema,
  newProductSchema,
  productChangeSchema,
  productQuerySchema,
  productSchema,
} from './schemas';

/** Tells /openapi.json what routes.ts and admin-routes.ts answer to. */

const storedCategory = categorySchema.omit({ productCount: true }).openapi('StoredCategory');
const storedBrand = brandSchema.omit({ productCount: true }).openapi('StoredBrand');
const id = z.object({ id: z.string() });
const ifMatch = z.object({ 'If-Match': z.string().describe('The ETag that the change is based on, or *.') });
const CHANGED: ErrorCode[] = ['not-found', 'precondition-failed', 'precondition-required', 'conflict'];

const open = { tags: ['catalogue'] };
const admin = { tags: ['catalogue: back office'], security: [{ admin: [] }] };

registry.registerPath({
  ...open,
  method: 'get',
  path: '/v1/products',
  summary: 'Browse the products that are for sale',
  request: { query: productQuerySchema },
  responses: {
    200: { description: 'A page; Link has the next', ...json(pageOf(productSchema)) },
    ...problemResponses('validation-failed'),
  },
});
registry.registerPath({
  ...open,
  method: 'get',
  path: '/v1/products/{id}',
  summary: 'Read a product that is for sale',
  request: { params: id, headers: z.object({ 'If-None-Match': z.string().optional() }) },
  responses: {
    200: { description: 'The product; ETag is its version', ...json(productSchema) },
    304: { description: 'The client has this version' },
    ...problemResponses('not-found'),
  },
});
registry.registerPath({
  ...open,
  method: 'get',
  path: '/v1/categories',
  summary: 'The tree of categories, parents before children',
  responses: { 200: { description: 'All of them', ...json(z.object({ data: z.array(categorySchema) })) } },
});
registry.registerPath({
  ...open,
  method: 'get',
  path: '/v1/brands',
  summary: 'The brands by name',
  responses: { 200: { description: 'All of them', ...json(z.object({ data: z.array(brandSchema) })) } },
});
registry.registerPath({
  ...open,
  method: 'get',
  path: '/media/products/{id}.svg',
  summary: 'A generated picture of a product',
  request: { params: id },
  responses: {
    200: { description: 'The picture', content: { 'image/svg+xml': { schema: z.string() } } },
    304: { description: 'The client has this version' },
    ...problemResponses('not-found'),
  },
});

registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/products',
  summary: 'Browse products of every status',
  request: { query: adminProductQuerySchema },
  responses: {
    200: { description: 'A page; Link has the next', ...json(pageOf(adminProductSchema)) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/products/{id}',
  summary: 'Read a product of whatever status',
  request: { params: id },
  responses: {
    200: { description: 'The product; ETag is its version', ...json(adminProductSchema) },
    304: { description: 'The client has this version' },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/products/import',
  summary: 'Add and change many products by sku; the formats are in docs/guides/import.md',
  request: {
    body: {
      required: true,
      content: { 'text/csv': { schema: z.string() }, 'application/x-ndjson': { schema: z.string() } },
    },
  },
  responses: {
    200: { description: 'What became of each record', ...json(importReportSchema) },
    ...problemResponses(...CLOSED, 'unsupported-media-type', 'validation-failed'),
  },
});

/** Create, change and delete of one kind of resource are alike. */
function registerWrites(
  kind: string,
  plural: string,
  schemas: { created: z.ZodType; changed: z.ZodType; stored: z.ZodType },
  taken: ErrorCode,
): void {
  registry.registerPath({
    ...admin,
    method: 'post',
    path: `/v1/admin/${plural}`,
    summary: `Add a ${kind}`,
    request: { headers: idempotencyKey('accepted'), body: { required: true, ...json(schemas.created) } },
    responses: {
      201: { description: `The ${kind}; ETag is its version`, ...json(schemas.stored) },
      ...problemResponses(...CLOSED, ...BODY, ...KEY_PROBLEMS, taken),
    },
  });
  registry.registerPath({
    ...admin,
    method: 'patch',
    path: `/v1/admin/${plural}/{id}`,
    summary: `Change some fields of a ${kind}`,
    request: { params: id, headers: ifMatch, body: { required: true, ...json(schemas.changed) } },
    responses: {
      200: { description: `The ${kind} with its new version`, ...json(schemas.stored) },
      ...problemResponses(...new Set([...CLOSED, ...BODY, ...CHANGED, taken])),
    },
  });
  registry.registerPath({
    ...admin,
    method: 'delete',
    path: `/v1/admin/${plural}/{id}`,
    summary: `Remove a ${kind}`,
    request: { params: id, headers: ifMatch },
    responses: { 204: { description: 'It is gone' }, ...problemResponses(...CLOSED, ...CHANGED) },
  });
}

registerWrites(
  'product',
  'products',
  { created: newProductSchema, changed: productChangeSchema, stored: adminProductSchema },
  'duplicate-sku',
);
registerWrites(
  'category',
  'categories',
  { created: newCategorySchema, changed: categoryChangeSchema, stored: storedCategory },
  'conflict',
);
registerWrites(
  'brand',
  'brands',
  { created: newBrandSchema, changed: newBrandSchema, stored: storedBrand },
  'conflict',
);
