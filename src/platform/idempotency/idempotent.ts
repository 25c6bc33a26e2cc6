import type { Request, RequestHandler, Response } from 'express';
import type pg from 'pg';
import { atCommit, type Database } from '../database';
import { millisecondsLeft, requestSignal } from '../http/deadline';
import { readClaim, type Claim } from './claim';
import type { Ended } from './group';
import { toAnswer, type Reply } from './reply';
import { claimKey, keepAnswers, type StoredAnswer } from './store';

/** Does what a request asks for, through `client`, in whose transaction the answer is stored too. May run again. */
export type Effect = (client: pg.PoolClient) => Promise<Reply>;

/**
 * What a request asks for, where something is read first: `read` only reads, and is sent together with the claim of the key, which
 * saves a round trip. What it throws counts only where the key is new. It resolves to the effect.
 */
export interface Prepared {
  readonly read: (client: pg.PoolClient) => Promise<Effect>;
  /** Where requests of its kind are taken together: tries that first. What it resolves to undefined for is done alone. */
  readonly offer?: (claim: Claim) => Promise<Ended>;
}

export interface IdempotentOptions {
  /** How long a request waits for one with the same key that is being worked on, before it is told so. */
  readonly waitMs?: number;
  /**
   * Runs when the transaction has committed, for a replay too, and may send something newer than what is stored: that the work
   * goes on, or how far it has come. What is stored stays as it is.
   */
  readonly after?: (req: Request, answer: StoredAnswer, replayed: boolean) => StoredAnswer | Promise<StoredAnswer>;
}

const WAIT_MS = 2_000;

/**
 * A handler whose effect happens once for an Idempotency-Key. `prepare` reads the request, and throws what is wrong with it
 * before a transaction begins; the effect that it returns then runs in one. Only an effect that succeeds is remembered: one
 * that throws leaves nothing behind, and the same key may try again.
 * Answers `idempotency-key-required`, `idempotency-key-reused` (another body), `idempotency-key-in-flight`.
 */
export function idempotent(
  database: Pick<Database, 'transaction'>,
  key: 'required' | 'accepted',
  prepare: (req: Request) => Effect | Prepared,
  { waitMs = WAIT_MS, after }: IdempotentOptions = {},
): RequestHandler {
  return async (req, res) => {
    const claim = readClaim(req, key === 'required');
    const prepared = prepare(req);
    const signal = requestSignal(req);
    const limits = (): { lockMs: number; statementMs: number } => {
      const left = millisecondsLeft(req);
      return { lockMs: waitMs, statementMs: left === undefined ? 0 : Math.max(1, left) };
    };
    const act = async (client: pg.PoolClient): Promise<{ answer: StoredAnswer; replayed: boolean }> => {
      signal?.throwIfAborted();
      const claiming = claim && claimKey(client, claim);
      const reading = typeof prepared === 'function' ? Promise.resolve(prepared) : prepared.read(client);
      const [claimed, read] = await Promise.allSettled([claiming, reading]);
      if (claimed.status === 'rejected') throw claimed.reason;
      if (claimed.value) return { answer: claimed.value, replayed: true };
      // Only who is new hears what is wrong with asking.
      if (read.status === 'rejected') throw read.reason;
      const made = toAnswer(await read.value(client));
      if (claim) await atCommit(client, keepAnswers, [{ claim, answer: made }]);
      // Whoever has been told that it took too long must not find it done.
      signal?.throwIfAborted();
      return { answer: made, replayed: false };
    };
    const ended = claim && typeof prepared !== 'function' ? await prepared.offer?.(claim) : undefined;
    if (ended && 'refused' in ended) throw ended.refused;
    const { answer, replayed } = ended
      ? { answer: ended.answer, replayed: false }
      : await database.transaction(act, { limits });
    send(res, after ? await after(req, answer, replayed) : answer, claim, replayed);
  };
}

function send(res: Response, answer: StoredAnswer, claim: Claim | undefined, replayed: boolean): void {
  if (res.headersSent) return; // the deadline has answered while the commit was on its way: the key finds the effect
  if (claim && replayed) res.set('Idempotent-Replayed', 'true');
  res.status(answer.status).set(answer.headers);
  if (answer.body === null) res.end();
  else res.type('json').send(answer.body);
}
