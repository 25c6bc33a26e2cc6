/**
 * Carts: what somebody wants to buy, without an account. It owns their tables, and promises that no unit added is lost whatever
 * runs at once, that a cart is reached only with its token, and that its subtotal is the exact sum of its lines. Prices and stock
 * are the catalogue's and inventory's, as they are when it is read; what is charged is said by a quote.
 */
export { cartRoutes, type CartRouteDependencies } from './routes';
export { KeptCarts } from './kept';
export { startCartSweeper, type CartSweeper } from './background';
export { cartSchema, type CartView } from './schemas';
