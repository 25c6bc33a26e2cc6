import { idOf, pageQuery } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';
import { LAYERS } from './pipeline/outcomes';
import { RUN_STATES } from './store/runs';

/** What analytics takes and gives over HTTP; the rows of the reports are beside their SQL. OpenAPI is generated from these. */

export const runIdSchema = idOf('run');

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'must be a day like 2011-08-31' })
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: 'must be a day of the calendar' });
export const period = {
  from: day.optional().describe('The first day; by the clock on the shop’s wall.'),
  to: day.optional().describe('The last day.'),
};
export const currency = {
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'must be a code of ISO 4217 such as GBP' })
    .optional(),
};

export const MOST_ROWS = 1_000;
/** What every report takes: how many rows, in which format. `limit` and `after` are for JSON; a file has all. */
export const paging = {
  format: z.enum(['json', 'csv', 'parquet']).default('json'),
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, { error: `must be a whole number from 1 to ${MOST_ROWS}` })
    .transform(Number)
    .default(100),
  after: z.string().max(2000).optional(),
};

export const moneyRow = z.object({ amount: z.int(), currency: z.string() });
export const share = z.number().describe('From 0 to 1.');

/** The rows of a report, which run they are of, and why there are none where there are none. */
export const reportSchema = (row: z.ZodType): z.ZodType =>
  z.object({
    data: z.array(row),
    page: z.object({ next: z.string().nullable(), hasMore: z.boolean() }),
    run: z
      .object({
        id: z.string(),
        publishedAt: z.iso.datetime(),
        dataUntil: z.string().nullable().describe('The youngest thing in the data.'),
      })
      .nullable()
      .describe('Null before the first run.'),
    note: z.string().nullable().describe('Why there is nothing, for a person.'),
  });

const testSchema = z.object({
  test: z.string(),
  state: z.enum(['passed', 'failed', 'warned']),
  failures: z.int().nullable(),
  /** Runs of before it was noted have none. */
  error: z.string().nullish(),
});
const outcomeSchema = z.object({
  name: z.string(),
  layer: z.enum(LAYERS),
  state: z.enum(['built', 'published', 'failed', 'blocked']),
  rows: z.int().nullable(),
  milliseconds: z.int(),
  error: z.string().nullable(),
  tests: z.array(testSchema),
});
export const runSchema = z
  .object({
    id: z.string(),
    state: z.enum(RUN_STATES),
    trigger: z.enum(['schedule', 'admin', 'command']),
    progress: z.string(),
    error: z.string().nullable(),
    models: z.array(outcomeSchema),
    exported: z.record(z.string(), z.int()).describe('Rows that went into the archive, by dataset.'),
    queuedAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('AnalyticsRun');
export type RunView = z.output<typeof runSchema>;

export const alertSchema = z
  .object({
    id: z.int(),
    model: z.string(),
    test: z.string(),
    detail: z.string(),
    runId: z.string(),
    raisedAt: z.iso.datetime(),
    seenAt: z.iso.datetime().describe('When it last failed.'),
    resolvedAt: z.iso.datetime().nullable().describe('Null while it is open.'),
  })
  .openapi('AnalyticsAlert');
export type AlertView = z.output<typeof alertSchema>;

export const lineageSchema = z
  .object({
    nodes: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['source', ...LAYERS]),
        description: z.string(),
        state: z.enum(['built', 'published', 'failed', 'blocked', 'archived', 'unknown']),
        rows: z.int().nullable(),
        tests: z.array(z.object({ ...testSchema.shape, state: z.enum(['passed', 'failed', 'warned', 'unknown']) })),
      }),
    ),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
  })
  .openapi('AnalyticsLineage');
export type Lineage = z.output<typeof lineageSchema>;

export const runQuerySchema = z.strictObject(pageQuery);
