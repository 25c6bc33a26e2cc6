/**
 * Orders: what was bought, what became of it, and the sagas that carry it on. It owns their tables, and promises that a quote
 * buys one order and an Idempotency-Key places one, that nobody is charged twice or for what is not there, that each order is in
 * the end confirmed with its money or cancelled without any, whatever crashes on the way, and that everything that happened to
 * an order is in its history and, under the same version, in the outbox.
 */
export { orderRoutes } from './routes';
export type { OrderRouteDependencies } from './trading';
export { startOrders, type Orders, type OrdersDependencies } from './background';
export {
  ORDER_CANCELLED,
  ORDER_CONFIRMED,
  ORDER_DISPATCHED,
  ORDER_PLACED,
  orderEventSchema,
  type OrderEvent,
} from './events';
export { judgeOrders } from './books';
export { readPurchases, streamPurchases, type Purchase } from './purchases';
export { orderSchema, type OrderView } from './schemas';
export { readOrderFacts, type OrderLineFact } from './facts';
