/**
 * The peer: the same checkout written the usual way, an interactive transaction of the ORM that reads, decides and writes. It
 * works on the same tables of the same database, does less (no payment, reservation, saga, event or idempotency key), and is
 * bare Express. `usual.ts <database url> <read-committed|serializable>`
 */
import { randomUUID } from 'node:crypto';
import express from 'express';
import { pino } from 'pino';
import { openDatabase } from '../../src/platform/database';
import type { QuoteView } from '../../src/contexts/pricing';

const [url = '', isolation = 'read-committed'] = process.argv.slice(2);
/** How often a transaction that the database could not serialise is run again. */
const ATTEMPTS = 5;

class OutOfStock extends Error {}

async function main(): Promise<void> {
  const settings = { DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 10 };
  const { prisma } = await openDatabase(settings, pino({ level: 'silent' }));
  const isolationLevel = isolation === 'serializable' ? 'Serializable' : 'ReadCommitted';

  const buy = (quoteId: string): Promise<string> =>
    prisma.$transaction(
      async (tx) => {
        const quote = await tx.quote.findUniqueOrThrow({ where: { id: quoteId } });
        const { lines } = quote.document as unknown as Pick<QuoteView, 'lines'>;
        for (const { sku, quantity } of lines) {
          const item = await tx.stockItem.findUniqueOrThrow({ where: { sku } });
          if (item.onHand - item.reserved < quantity) throw new OutOfStock(sku);
          await tx.stockItem.update({ where: { sku }, data: { reserved: item.reserved + quantity } });
        }
        const id = `usual_${randomUUID()}`;
        await tx.order.create({
          data: {
            id,
            quoteId,
            reservationId: id,
            address: {},
            currency: quote.currency,
            subtotal: quote.subtotal,
            discount: quote.discount,
            tax: quote.tax,
            total: quote.total,
            taxIncluded: quote.taxAdded === 0n,
            tokenDigest: Buffer.alloc(32),
            lines: {
              create: lines.map(({ sku, quantity, unitPrice, subtotal, discount, tax, total }, line) => ({
                line: line + 1,
                sku,
                quantity,
                unitAmount: BigInt(unitPrice.amount),
                subtotal: BigInt(subtotal.amount),
                discount: BigInt(discount.amount),
                tax: BigInt(tax.amount),
                total: BigInt(total.amount),
              })),
            },
            history: { create: { version: 1, action: 'place', to: 'pending', actor: 'customer' } },
          },
        });
        return id;
      },
      { isolationLevel, maxWait: 10_000, timeout: 10_000 },
    );

  const app = express();
  app.post('/v1/checkout', express.json(), async (req, res) => {
    const { quoteId } = req.body as { quoteId: string };
    for (let attempt = 1; ; attempt++) {
      try {
        return void res.status(202).json({ id: await buy(quoteId) });
      } catch (error) {
        if (error instanceof OutOfStock) return void res.status(409).json({ code: 'out-of-stock' });
        const conflict = (error as { code?: string }).code === 'P2034';
        if (!conflict || attempt === ATTEMPTS) return void res.status(500).json({ detail: String(error) });
      }
    }
  });
  const server = app.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') console.log(`http://localhost:${address?.port}`);
  });
  process.once('SIGTERM', () => process.exit(0));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
