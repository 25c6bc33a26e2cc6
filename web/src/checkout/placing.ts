import type { Cart } from '../api/cart';
import { ApiError, isPassing, newRequestKey } from '../api/client';
import { checkoutCall, checkOut, type CheckoutRequest } from '../api/orders';
import { basket } from '../cart/basket';
import { inOneWindow } from '../lib/locks';
import { rememberPlaced } from './orders';
import { sentOrder, type SentOrder } from './sent';

/** So long the shop knows an order by its key. */
const KEY_KNOWN_MS = 24 * 3_600_000;

/** The shop refuses it, and yet it may have been ordered: it was sent before with this quote, or longer ago than keys are known. */
export class PerhapsOrdered extends Error {
  override readonly name = 'PerhapsOrdered';
}

let running: Promise<string> | undefined;

/** One at a time in this window: who asks meanwhile gets the same answer. */
function once(task: () => Promise<string>): Promise<string> {
  running ??= task().finally(() => {
    running = undefined;
  });
  return running;
}

/**
 * Places an order; resolves to its id. If one is still without an answer, that one is sent again and its id is the answer:
 * nothing else is ordered before. Rejects with what the shop objects to, or because no answer came: then it is still remembered.
 */
export const placeOrder = (request: CheckoutRequest, cart: Cart): Promise<string> =>
  once(async () => {
    const order: SentOrder = {
      ...checkoutCall(request, newRequestKey()),
      names: Object.fromEntries(cart.lines.map(({ sku, name }) => [sku, name ?? sku])),
      products: Object.fromEntries(cart.lines.flatMap(({ sku, productId }) => (productId ? [[sku, productId]] : []))),
      basket: basket.key,
      at: Date.now(),
    };
    return settle(await inOneWindow('easy11.checkout', () => Promise.resolve(sentOrder.claim(order))));
  });

/**
 * Sends an order again, exactly as it was sent, otherwise like placeOrder. Resolves to undefined when another window has its answer:
 * what was refused there, and perhaps mended, must not be sent once more.
 */
export const askAgain = async (order: SentOrder): Promise<string | undefined> =>
  sentOrder.read()?.key === order.key ? once(() => settle(order)) : undefined;

async function settle(sent: SentOrder): Promise<string> {
  try {
    const { order, orderToken } = await checkOut(sent);
    // Of an order that came to nothing the basket stays where it is.
    const aside = order.state === 'cancelled' ? undefined : sent.basket;
    rememberPlaced({ id: order.id, token: orderToken, names: sent.names, products: sent.products, basket: aside });
    if (aside && basket.key?.id === aside.id) basket.setAside();
    sentOrder.forget(sent);
    return order.id;
  } catch (error) {
    // Only the shop itself can refuse: what stands between may answer anything.
    if (!(error instanceof ApiError) || error.code === undefined || isPassing(error)) throw error;
    sentOrder.forget(sent);
    const known = Date.now() - sent.at < KEY_KNOWN_MS && error.code !== 'quote-used';
    throw known ? error : new PerhapsOrdered(error.message, { cause: error });
  }
}
