import { idOf, printable } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';
import { skuSchema } from '../catalogue';

/** What inventory takes and gives over HTTP. OpenAPI is generated from these; unknown fields are refused. */

export const warehouseIdSchema = idOf('whs');
export const reservationIdSchema = idOf('rsv');

export const warehouseSchema = z
  .object({
    id: z.string(),
    code: z.string(),
    name: z.string(),
    priority: z.int(),
    active: z.boolean(),
    version: z.int(),
  })
  .openapi('Warehouse');
export type WarehouseView = z.output<typeof warehouseSchema>;

const warehouseFields = {
  name: printable(200).min(1),
  priority: z.int().min(0).max(1_000_000).describe('Reservations are filled from the lowest first.'),
  active: z.boolean().describe('An inactive one keeps its stock, and nothing is reserved from it.'),
};
export const newWarehouseSchema = z
  .strictObject({
    code: z.string().regex(/^[A-Z0-9][A-Z0-9-]{0,19}$/, { error: 'must be capital letters, digits and hyphens' }),
    name: warehouseFields.name,
    priority: warehouseFields.priority.default(100),
    active: warehouseFields.active.default(true),
  })
  .openapi('NewWarehouse');
export const warehouseChangeSchema = z
  .strictObject(warehouseFields)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'must change at least one field' })
  .openapi('WarehouseChange');

const wholeNumber = (least: number, most: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `must be a whole number from ${least} to ${most}` });
const page = { limit: wholeNumber(1, 100).default(20), after: printable(2000).optional() };

export const stockQuerySchema = z.strictObject({
  ...page,
  sku: skuSchema.optional(),
  warehouse: warehouseIdSchema.optional(),
});
export const movementQuerySchema = z.strictObject({ ...page, sku: skuSchema.optional() });

export const stockLevelSchema = z
  .object({
    sku: z.string(),
    warehouseId: z.string(),
    onHand: z.int(),
    reserved: z.int(),
    available: z.int(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('StockLevel');
export type StockLevelView = z.output<typeof stockLevelSchema>;

export const movementSchema = z
  .object({
    id: z.string(),
    sku: z.string(),
    warehouseId: z.string(),
    quantity: z.int(),
    kind: z.enum(['receipt', 'count', 'damage', 'sale', 'return']),
    reference: z.string().nullable(),
    note: z.string(),
    actor: z.string(),
    onHandAfter: z.int(),
    occurredAt: z.iso.datetime(),
  })
  .openapi('StockMovement');
export type MovementView = z.output<typeof movementSchema>;

export const availabilitySchema = z
  .object({ sku: z.string(), available: z.int(), inStock: z.boolean() })
  .openapi('Availability');

const MOST = 1_000_000;
export const adjustmentSchema = z
  .strictObject({
    warehouseId: warehouseIdSchema,
    kind: z.enum(['receipt', 'count', 'damage']).describe('Goods came in, a count found another number, goods broke.'),
    note: printable(500).default(''),
    lines: z
      .array(
        z.strictObject({
          sku: skuSchema,
          quantity: z
            .int()
            .min(-MOST)
            .max(MOST)
            .refine((quantity) => quantity !== 0, { error: 'must not be 0' })
            .describe('How many more (or, below 0, fewer) there are.'),
        }),
      )
      .min(1)
      .max(100),
  })
  .openapi('StockAdjustment');
export type Adjustment = z.output<typeof adjustmentSchema>;
export const adjustedSchema = z.object({ data: z.array(stockLevelSchema) }).openapi('AdjustedStock');

export const newReservationSchema = z
  .strictObject({
    lines: z
      .array(z.strictObject({ sku: skuSchema, quantity: z.int().min(1).max(MOST) }))
      .min(1)
      .max(100)
      .describe('All of it is held, or nothing. Two lines of one sku ask for their sum.'),
    holdSeconds: z.int().min(1).max(86_400).default(900),
    reference: printable(100).min(1).nullable().default(null).describe('What it is for: the id of an order, say.'),
  })
  .openapi('NewReservation');

export const reservationSchema = z
  .object({
    id: z.string(),
    state: z.enum(['held', 'committed', 'released']),
    reference: z.string().nullable(),
    lines: z.array(z.object({ sku: z.string(), warehouseId: z.string(), quantity: z.int() })),
    expiresAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
    version: z.int(),
  })
  .openapi('Reservation');
export type ReservationView = z.output<typeof reservationSchema>;
