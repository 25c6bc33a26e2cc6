import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { Problem } from '../../kernel/errors';
import { setPrincipal } from './principal';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The bearer token of a request; undefined without one. */
export const bearerOf = (req: Request): string | undefined =>
  /^Bearer (\S+)$/i.exec(req.headers.authorization ?? '')?.[1];

/** Whether what is given is the admin token. It takes the same time for any wrong one; without a token nothing is. */
export function adminCheck(token: string | undefined): (given: string) => boolean {
  const expected = token === undefined ? undefined : digest(token);
  return (given) => expected !== undefined && timingSafeEqual(digest(given), expected);
}

/**
 * Lets a request through that carries `Authorization: Bearer <admin token>`. Without a configured token the back
 * office is closed to everyone. The comparison takes the same time for any wrong token.
 */
export function requireAdmin(token: string | undefined): RequestHandler {
  const isAdminToken = adminCheck(token);
  return (req, _res, next) => {
    if (token === undefined) throw new Problem('forbidden', 'The back office is closed: EASY11_ADMIN_TOKEN is not set');
    const given = bearerOf(req);
    if (given === undefined) throw new Problem('unauthenticated', 'Send the admin token as a bearer token');
    if (!isAdminToken(given)) throw new Problem('unauthenticated', 'This is not the admin token');
    setPrincipal(req, 'admin');
    next();
  };
}
