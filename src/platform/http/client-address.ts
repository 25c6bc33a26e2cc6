import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

/**
 * Whom a request comes from, for limits: the address at the other end of the connection or, behind `proxies` proxies of
 * our own, what the outermost of them wrote into X-Forwarded-For. What stands further left in there anybody can make up.
 * Of an IPv6 address the first 64 bits: a client has all the addresses below them.
 */
export function clientAddress(req: IncomingMessage, proxies: number): string {
  const connected = req.socket.remoteAddress ?? 'unknown';
  if (proxies === 0) return network(connected);
  const chain = String(req.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return network(chain.at(-proxies) ?? chain[0] ?? connected);
}

function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return `${[...left, ...zeros, ...right]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
