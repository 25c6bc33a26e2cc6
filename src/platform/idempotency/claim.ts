import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { Problem } from '../../kernel/errors';
import { principalOf } from '../http/principal';

/** A caller's claim to do something once. */
export interface Claim {
  /** Who, and at which route. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 over who asks what: a second request with the key must have the same. */
  readonly requestHash: string;
}

/** Visible ASCII: what a header can carry without being changed on its way. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * The claim of a request; undefined where a key is neither needed nor given. Throws `idempotency-key-required`, and
 * `malformed-request` for a key that cannot be one.
 */
export function readClaim(req: Request, required: boolean): Claim | undefined {
  const given = req.headers['idempotency-key'];
  if (given === undefined) {
    if (!required) return undefined;
    throw new Problem('idempotency-key-required', 'Send an Idempotency-Key: a new UUID for each thing you want done');
  }
  // The IETF draft writes the key as a quoted string; most clients send it bare.
  const key = String(given)
    .trim()
    .replace(/^"(.*)"$/, '$1');
  if (!KEY.test(key))
    throw new Problem('malformed-request', 'The Idempotency-Key must be 1 to 255 visible ASCII characters');
  const route = `${req.method} ${req.baseUrl}${String(req.route?.path ?? req.path)}`;
  const principal = principalOf(req);
  const [path = ''] = req.originalUrl.split('?');
  const asked = [req.method, path, principal, canonical(req.body)].join('\n');
  return { scope: `${principal} ${route}`, key, requestHash: createHash('sha256').update(asked).digest('hex') };
}

/** JSON whose fields are in one order: the same request written in another is the same request. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}
