import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { ERROR_CATALOGUE, type ErrorCode } from '../../kernel/errors';
import { problemSchema } from './problem';
import { z } from './zod';

/** Contexts register their operations here; /openapi.json is generated from it, from the schemas that validate. */
export const registry = new OpenAPIRegistry();

registry.registerComponent('securitySchemes', 'admin', {
  type: 'http',
  scheme: 'bearer',
  description: 'The token of EASY11_ADMIN_TOKEN.',
});
const problem = registry.register('Problem', problemSchema);

/** Responses for the problems an operation can answer, to be spread into its `responses`. */
export function problemResponses(...codes: ErrorCode[]): RouteConfig['responses'] {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERROR_CATALOGUE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => `${ERROR_CATALOGUE[code].title} (\`${code}\`)`).join('; '),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  );
}

/** The OpenAPI 3.1 document of everything registered so far. */
export function openApiDocument(version: string): object {
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Easy11',
      version,
      description:
        'Commerce over HTTP. Money is integer minor units with a currency; lists are pages with an opaque cursor; errors are application/problem+json with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
  });
}

/** The header of a request that may be sent again: see docs/guides/idempotency.md. */
export function idempotencyKey(use: 'required' | 'accepted'): z.ZodObject {
  const key = z
    .string()
    .min(1)
    .max(255)
    .describe('A new UUID for each thing to be done, the same for each attempt at it.');
  return z.object({ 'Idempotency-Key': use === 'required' ? key : key.optional() });
}

/** A body of JSON, to be spread into a request's or a response's. */
export const json = (schema: z.ZodType): { content: { 'application/json': { schema: z.ZodType } } } => ({
  content: { 'application/json': { schema } },
});

/** One page of a list, as sendPage sends it. */
export const pageOf = (schema: z.ZodType): z.ZodType =>
  z.object({ data: z.array(schema), page: z.object({ next: z.string().nullable(), hasMore: z.boolean() }) });

/** What anybody but the back office is told at its door. */
export const CLOSED: ErrorCode[] = ['unauthenticated', 'forbidden'];

/** What a request with a body may be told about it. */
export const BODY: ErrorCode[] = [
  'malformed-request',
  'unsupported-media-type',
  'validation-failed',
  'payload-too-large',
];

/** What a request with an Idempotency-Key may be told about it. */
export const KEY_PROBLEMS: ErrorCode[] = ['idempotency-key-in-flight', 'idempotency-key-reused', 'malformed-request'];
