import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { Problem } from '../../kernel/errors';
import { clientAddress } from './client-address';
import type { LoadLevel } from './load';
import { sendProblem } from './problem';
import type { RateLimiter } from './rate-limit';
import type { FastPath } from './server';
import type { Turns } from './turns';

/**
 * What a request is worth when not all can be answered. `vital`: money and what is held for it, and what watches over the
 * process. `important`: carts and the back office. `normal`: browsing. `optional`: what nobody misses for a minute.
 */
export type Priority = 'vital' | 'important' | 'normal' | 'optional';

/** Whether a request of this priority is turned away at this level. `chance` is random in [0, 1). */
export function isShed(priority: Priority, level: LoadLevel, chance: number): boolean {
  if (priority === 'optional') return level >= 1;
  if (priority === 'normal') return level === 3 || (level === 2 && chance < 0.5);
  return priority === 'important' && level === 3 && chance < 0.5;
}

export interface AdmissionOptions {
  /** Undefined sets no limit. */
  readonly limiter: RateLimiter | undefined;
  readonly proxies: number;
  readonly level: () => LoadLevel;
  readonly priorityOf: (path: string) => Priority;
  /** Where those that can wait do so; undefined lets everybody in at once. */
  readonly turns?: Turns | undefined;
  readonly random?: () => number;
}

export interface Admission {
  /** Stands in front of everything: answers 503 or 429 where a request is not let in. */
  readonly gate: FastPath;
  /** The gate, and behind it, for what is neither vital nor important, the wait for a turn. */
  enter(req: IncomingMessage, res: ServerResponse, answer: () => void): void;
  /** Tells clients what they have left. */
  readonly headers: RequestHandler;
  status(): { readonly shed: number; readonly limited: number };
}

/** The door of the process: sheds what it has no strength for, then holds each client to its rate. Vital routes too. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { limiter, proxies, level, priorityOf, turns, random = Math.random } = options;
  let [shed, limited] = [0, 0];

  const refusal = (req: IncomingMessage): Problem | undefined => {
    const now = level();
    if (now > 0 && isShed(priorityOf(pathOf(req)), now, random())) {
      shed++;
      return new Problem('overloaded', 'What matters less is turned away for the moment', { retryAfter: now * 2 });
    }
    if (!limiter || isOurs(pathOf(req))) return undefined;
    const { allowed, retryAfter } = limiter.take(clientAddress(req, proxies));
    if (allowed) return undefined;
    limited++;
    return new Problem('rate-limited', `Slow down; the next request is welcome in ${retryAfter} s`, { retryAfter });
  };

  const gate: FastPath = (req, res) => {
    const problem = refusal(req);
    if (!problem) return false;
    if (limiter && problem.code === 'rate-limited') setHeaders(req, (name, value) => res.setHeader(name, value));
    sendProblem(req, res, problem);
    return true;
  };

  return {
    gate,
    enter: (req, res, answer) => {
      if (gate(req, res)) return;
      const priority = turns ? priorityOf(pathOf(req)) : 'vital';
      if (!turns || priority === 'vital' || priority === 'important') answer();
      // Whoever has gone meanwhile needs no answer.
      else turns.take(() => (res.destroyed ? undefined : answer()));
    },
    headers: (req, res, next) => {
      if (limiter) setHeaders(req, (name, value) => res.setHeader(name, value));
      next();
    },
    status: () => ({ shed, limited }),
  };

  function setHeaders(req: IncomingMessage, set: (name: string, value: string) => void): void {
    if (!limiter) return;
    const { remaining, reset } = limiter.look(clientAddress(req, proxies));
    set('RateLimit-Policy', limiter.policy);
    set('RateLimit', `"default";r=${remaining};t=${reset}`);
  }
}

const pathOf = (req: IncomingMessage): string => (req.url ?? '/').split('?', 1)[0] ?? '/';

/** What watches over the process must be answered however busy its network is. */
const isOurs = (path: string): boolean => path === '/healthz' || path === '/readyz' || path === '/metrics';
