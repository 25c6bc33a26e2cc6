import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The token of a cart: HMAC-SHA256 of its id, in base64url. Whoever has it may read and change the cart, and nothing of it needs
 * to be kept. The words before the id keep the same secret from signing anything else.
 */
export const signCart = (secret: string, id: string): string =>
  createHmac('sha256', secret).update(`easy11 cart ${id}`).digest('base64url');

/** Whether a token belongs to a cart. Takes the same time for every wrong one of the right length. */
export function isTokenOf(secret: string, id: string, token: string): boolean {
  const [given, expected] = [Buffer.from(token), Buffer.from(signCart(secret, id))];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
