import { z } from './zod';

/** Fields that requests to several contexts have. */

/** One line, at most so long. */
export const printable = (most: number): z.ZodString =>
  z
    .string()
    .max(most)
    .regex(/^[^\p{Cc}\p{Surrogate}]*$/u, { error: 'must be one line of printable characters' });

/** An id of ours: a prefix and a UUID. */
export const idOf = (prefix: string): z.ZodString =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-f-]{36}$`), { error: `must be an id like ${prefix}_0193…` });

/** Which page of a list, to be spread into a query's schema. */
export const pageQuery = {
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: 'must be a whole number from 1 to 100' })
    .transform(Number)
    .default(20),
  after: z.string().max(2000).optional(),
};
