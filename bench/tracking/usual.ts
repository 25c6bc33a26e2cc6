/** The peer: the same events taken the usual way, one `createMany` of the ORM a request, on the same tables. Nothing is checked. */
import express from 'express';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { openDatabase } from '../../src/platform/database';
import { timeOf } from '../../src/contexts/tracking/rules';

interface Sent {
  readonly id: string;
  readonly type: string;
  readonly visitorId: string;
  readonly productId?: string;
  readonly query?: string;
  readonly results?: number;
  readonly position?: number;
  readonly quantity?: number;
  readonly slot?: string;
  readonly experiment?: string;
  readonly variant?: string;
}

async function main(url: string): Promise<void> {
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 10 }, log);
  const app = express();
  app.post('/v1/events\\:batch', express.json({ limit: '512kb' }), async (req, res) => {
    const { events } = req.body as { events: readonly Sent[] };
    const { count } = await database.prisma.trackingEvent.createMany({
      data: events.map(({ id, visitorId, productId, ...fields }) => ({
        ...fields,
        ...('consent' in fields ? { consent: undefined } : {}),
        id: id.slice(4),
        visitorId: visitorId.slice(4),
        productId: productId?.slice(4) ?? null,
        occurredAt: new Date(timeOf(id.slice(4))),
        batch: 0n,
      })),
      skipDuplicates: true,
    });
    res.json({ accepted: count, duplicates: events.length - count });
  });
  const server = app.listen(0, '127.0.0.1', () =>
    process.stdout.write(`http://localhost:${(server.address() as AddressInfo).port}\n`),
  );
}

main(String(process.argv[2])).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
