import { z } from '../../platform/http/zod';

/** What a payer has still to do, somewhere else, before a payment goes on. */

const page = z.url({ protocol: /^https?$/ }).max(2000);
const expiresAt = z.iso
  .datetime()
  .nullable()
  .describe('Until when it can be done; null where the provider does not say.');

export const nextActionSchema = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('pix'),
      code: z.string().max(2000).describe('The code to copy and paste; the QR code to draw says the same.'),
      url: page.nullable().describe('A page of the provider that shows it.'),
      expiresAt,
    }),
    z.object({
      type: z.literal('upi'),
      uri: z
        .string()
        .regex(/^upi:/)
        .max(2000)
        .nullable()
        .describe(
          'Opens the payer’s UPI app, and is what the QR code says. Null: the request waits in the app already.',
        ),
      url: page.nullable(),
      expiresAt,
    }),
    z.object({
      type: z.literal('mandate'),
      reference: z.string().max(100).nullable().describe('Of the SEPA mandate that is to be signed.'),
      url: page,
      expiresAt,
    }),
    z.object({
      type: z.literal('redirect'),
      url: page.describe('Where the payer proves who they are (3-D Secure, say), and comes back from.'),
      expiresAt,
    }),
  ])
  .openapi('NextAction');
export type NextAction = z.output<typeof nextActionSchema>;

/** Whether two say the same. The order of fields is not looked at: the database has its own. */
export const sameAction = (one: NextAction | null, other: NextAction | null): boolean =>
  JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

const sorted = (action: NextAction | null): unknown =>
  action && Object.entries(action).sort(([a], [b]) => (a < b ? -1 : 1));
