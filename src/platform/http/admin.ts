import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { Problem } from '../../kernel/errors';
import { setPrincipal } from './principal';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Lets a request through that carries `Authorization: Bearer <admin token>`. Without a configured token the back
 * office is closed to everyone. The comparison takes the same time for any wrong token.
 */
export function requireAdmin(token: string | undefined): RequestHandler {
  const expected = token === undefined ? undefined : digest(token);
  return (req, _res, next) => {
    if (!expected) throw new Problem('forbidden', 'The back office is closed: EASY11_ADMIN_TOKEN is not set');
    const given = /^Bearer (\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
    if (given === undefined) throw new Problem('unauthenticated', 'Send the admin token as a bearer token');
    if (!timingSafeEqual(digest(given), expected)) throw new Problem('unauthenticated', 'This is not the admin token');
    setPrincipal(req, 'admin');
    next();
  };
}
