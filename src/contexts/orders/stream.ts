import type { Request, Response } from 'express';
import { PRIVATE } from '../../platform/http/answers';
import type { OrderView } from './schemas';
import type { OrderWatch } from './watch';

/** How often an order is looked at without having been told of: this also keeps the connection open. */
const LOOK_MS = 5_000;
/** After this the client connects again, as an EventSource does by itself. */
const MOST_MS = 300_000;
const ENDS: readonly OrderView['state'][] = ['dispatched', 'cancelled'];

/**
 * Streams an order as server-sent events: its state now, then each one that is newer, until there is nothing more to come. The
 * id of an event is the order's version, so that a client that comes back with Last-Event-ID hears nothing twice.
 */
export async function streamOrder(
  req: Request,
  res: Response,
  first: OrderView,
  { watch, read }: { readonly watch: OrderWatch; readonly read: () => Promise<OrderView> },
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': PRIVATE, 'X-Accel-Buffering': 'no' });
  res.write('retry: 1000\n\n');
  let told = Number(/^\d{1,9}$/.exec(req.headers['last-event-id']?.toString() ?? '')?.[0] ?? 0);
  const end = performance.now() + MOST_MS;
  // Who has gone before we listened for it, while the order was first read say, is seen here only.
  for (let order = first; !res.destroyed; order = await read()) {
    // Listening begins before what was read is sent: what happens meanwhile is not missed.
    const news = watch.next(order.id, LOOK_MS, gone.signal);
    if (order.version > told) res.write(`id: ${order.version}\nevent: order\ndata: ${JSON.stringify(order)}\n\n`);
    else res.write(': still here\n\n');
    told = Math.max(told, order.version);
    if (ENDS.includes(order.state) || performance.now() > end) break;
    await news;
    if (gone.signal.aborted || watch.closed) break;
  }
  res.end();
}
