/** UUIDs of RFC 9562. Not crypto.randomUUID: that is only there over HTTPS, and makes no version 7. */

function textOf(bytes: Uint8Array, version: 4 | 7): string {
  const marked = Uint8Array.from(bytes);
  marked[6] = ((bytes[6] ?? 0) & 0x0f) | (version << 4);
  marked[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(marked, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

const bytesOf = (uuid: string): Uint8Array =>
  Uint8Array.from(uuid.replaceAll('-', '').match(/../g) ?? [], (pair) => parseInt(pair, 16));

const random = (): Uint8Array => crypto.getRandomValues(new Uint8Array(16));

/** A random number that says nothing about anybody. */
export const newVisitorId = (): string => `vis_${textOf(random(), 4)}`;

/** The id of an event that happens at `at`, milliseconds since the epoch: the shop reads its time from there. */
export function newEventId(at: number): string {
  const bytes = random();
  for (let index = 0; index < 6; index++) bytes[index] = Math.floor(at / 2 ** (40 - 8 * index)) % 256;
  return `evt_${textOf(bytes, 7)}`;
}

/**
 * The id of the event that a product was bought with an order: the same in every window and after every reload, so that it counts
 * once. Of the order it has the time, and of the random bits of both the difference.
 */
export function purchaseEventId(orderId: string, productId: string): string {
  const [order, product] = [bytesOf(orderId.slice(4)), bytesOf(productId.slice(4))];
  const bytes = order.map((byte, index) => (index < 6 ? byte : byte ^ (product[index] ?? 0)));
  return `evt_${textOf(bytes, 7)}`;
}
