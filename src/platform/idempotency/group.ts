import type { Request } from 'express';
import type pg from 'pg';
import type { Problem } from '../../kernel/errors';
import { combine } from '../combine';
import { atCommit, together, type Database } from '../database';
import { millisecondsLeft, requestSignal } from '../http/deadline';
import type { Log } from '../log';
import type { Claim } from './claim';
import { toAnswer, type Reply } from './reply';
import { claimKeys, dropClaims, keepAnswers, nameOf, type StoredAnswer } from './store';

/**
 * What many requests ask for, done in one transaction. Only for what is as it should be: undefined sends a request back to be done
 * alone, by the effect that every request has, which also finds the words for what is wrong.
 */
export interface GroupEffect<Asked, Known> {
  /** Only reads, and is sent together with the claims. One result each, undefined for what is to be done alone. */
  readonly read: (client: pg.PoolClient, asked: readonly Asked[]) => Promise<readonly (Known | undefined)[]>;
  /** One result each. Of what is refused, or is to be done alone, nothing is written. */
  readonly write: (client: pg.PoolClient, known: readonly Known[]) => Promise<readonly (Reply | Problem | undefined)[]>;
}

/** How a request ended in its group: undefined where it has to be done alone, as if it had never been in one. */
export type Ended = { readonly answer: StoredAnswer } | { readonly refused: Problem } | undefined;

/** Requests of one kind that are taken together when they come together. */
export interface Groups<Asked> {
  offer(req: Request, claim: Claim, asked: Asked): Promise<Ended>;
}

interface Member<Asked> {
  readonly req: Request;
  readonly claim: Claim;
  readonly asked: Asked;
  readonly arrive: () => void;
}

export interface GroupLimits {
  readonly lanes?: number;
  readonly most?: number;
  /** How long a group waits for a row that somebody else has, before its members go alone. */
  readonly waitMs?: number;
}

/**
 * Each member has the outcome that it would have alone. That of one does not touch the others: a key that was there before, what
 * cannot be read as it should be, and what is refused are left out of the writing. Where the transaction as a whole fails, for
 * whatever reason, nothing of it has happened, and all go alone.
 */
export function startGroups<Asked, Known>(
  { database, log }: { readonly database: Pick<Database, 'transaction' | 'requestWaits'>; readonly log: Log },
  effect: GroupEffect<Asked, Known>,
  { lanes = 2, most = 64, waitMs = 500 }: GroupLimits = {},
): Groups<Asked> {
  const names = new Set<string>();

  const act = async (client: pg.PoolClient, members: readonly Member<Asked>[]): Promise<Ended[]> => {
    const claims = members.map(({ claim }) => claim);
    const asked = members.map((member) => member.asked);
    const [mine, known] = await together([claimKeys(client, claims), effect.read(client, asked)]);
    const plain = known.flatMap((one, index) => (mine[index] && one !== undefined ? [{ index, one }] : []));
    const wanted = plain.map(({ one }) => one);
    const made = wanted.length === 0 ? [] : await effect.write(client, wanted);
    const ends: Ended[] = members.map(() => undefined);
    plain.forEach(({ index }, place) => {
      const reply = made[place];
      if (reply instanceof Error) ends[index] = { refused: reply };
      else if (reply) ends[index] = { answer: toAnswer(reply) };
    });
    const kept = claims.flatMap((claim, index) => {
      const end = ends[index];
      return end && 'answer' in end ? [{ claim, answer: end.answer }] : [];
    });
    const dropped = claims.filter((_, index) => mine[index] && !(ends[index] && 'answer' in ends[index]));
    if (dropped.length > 0) await atCommit(client, dropClaims, dropped);
    if (kept.length > 0) await atCommit(client, keepAnswers, kept);
    // Whoever has been told that it took too long must not find it done.
    for (const { req } of members) requestSignal(req)?.throwIfAborted();
    return ends;
  };

  const work = async (all: readonly Member<Asked>[]): Promise<Ended[]> => {
    for (const { arrive } of all) arrive();
    // One that has been given up already would only spoil it for the others.
    const members = all.filter(({ req }) => !requestSignal(req)?.aborted);
    const limits = (): { lockMs: number; statementMs: number } => {
      const left = members.map(({ req }) => millisecondsLeft(req) ?? 0);
      return { lockMs: waitMs, statementMs: left.includes(0) ? 0 : Math.max(1, ...left) };
    };
    const ends = new Map<Member<Asked>, Ended>();
    try {
      const ended =
        members.length === 0 ? [] : await database.transaction((client) => act(client, members), { limits });
      members.forEach((member, index) => ends.set(member, ended[index]));
    } catch (error) {
      // Who is at fault comes out when each goes alone.
      log.warn({ err: error, requests: members.length }, 'Requests that came together are done one by one');
    }
    return all.map((member) => ends.get(member));
  };
  const join = combine(work, { lanes, most });

  return {
    offer: async (req, claim, asked) => {
      const name = nameOf(claim);
      // A twin of one that is at work waits for it at its row, and must not keep a group waiting.
      if (names.has(name)) return undefined;
      names.add(name);
      const arrive = database.requestWaits();
      try {
        return await join({ req, claim, asked, arrive });
      } finally {
        names.delete(name);
        arrive();
      }
    },
  };
}
