import { createHash } from 'node:crypto';
import { z } from 'zod';

/** What goes wrong at a provider, each with a probability from 0 to 1. */
const chance = z.number().min(0).max(1).default(0);
const milliseconds = (value: number): z.ZodDefault<z.ZodNumber> => z.number().min(0).max(3_600_000).default(value);

export const faultsSchema = z.strictObject({
  seed: z.number().int().default(1),
  /** The effect happens, and the answer never comes. */
  timeoutAfter: chance,
  /** 500 and nothing happened. */
  errorBefore: chance,
  /** 500 although it happened. */
  errorAfter: chance,
  /** An authorisation that would succeed is declined. */
  decline: chance,
  /** How long an answer that never comes keeps its connection. */
  hangMs: milliseconds(30_000),
  /** How long every call with an effect takes, as it does at a real one. */
  delayMs: milliseconds(0),
  /** How long what is pending stays so. */
  pendingMs: milliseconds(1_500),
  webhooks: z
    .strictObject({
      /** An event comes a second time. */
      duplicate: chance,
      /** An event comes late, after those that follow it. */
      reorder: chance,
      /** How late at most. */
      lateMs: milliseconds(800),
      /** An event never comes. */
      lose: chance,
      /** Besides an event comes one that says more, and is signed by somebody else. */
      forge: chance,
      /** Besides an event comes one that was signed ten minutes ago. */
      stale: chance,
      /** Besides an event comes one without its last byte. */
      truncate: chance,
    })
    .prefault({}),
});
export type Faults = z.output<typeof faultsSchema>;

/**
 * A number in [0, 1) out of the seed and what it is for: the same at every run, whatever runs at the same time. One generator for
 * all would give each call a number that depends on the order in which they happen to arrive.
 */
export function draw(seed: number, ...about: readonly (string | number)[]): number {
  return (
    createHash('sha256')
      .update([seed, ...about].join('\0'))
      .digest()
      .readUInt32BE(0) /
    2 ** 32
  );
}

/** A token may name a card of its own behind a `#`, as in `tok_success#ada-1`: what comes of it is what the part before says. */
export const kindOf = (token: string): string => token.split('#', 1)[0] ?? '';

/**
 * What the faults of a payment are drawn from: its card where its token names one, else the key of its authorisation. A shop that
 * makes its keys at random is served the same faults again where its customers come with the same cards.
 */
export const fateOf = ({ token, key }: { readonly token: string; readonly key: string }): string => {
  const card = token.slice(kindOf(token).length + 1);
  return card === '' ? key : card;
};

export type CallFault = 'error-before' | 'timeout-after' | 'error-after' | undefined;

/** What happens to the nth attempt of a call; `about` says which one. */
export function faultOf(faults: Faults, about: string, attempt: number): CallFault {
  let left = draw(faults.seed, 'call', about, attempt);
  for (const [fault, probability] of [
    ['error-before', faults.errorBefore],
    ['timeout-after', faults.timeoutAfter],
    ['error-after', faults.errorAfter],
  ] as const) {
    if (left < probability) return fault;
    left -= probability;
  }
  return undefined;
}

/** What the tokens of the sandbox's "payment page" end in. Any other is declined. */
export const TOKENS: Readonly<
  Record<
    string,
    {
      readonly outcome: 'success' | 'declined';
      readonly pending?: true;
      /** It waits for the payer, at the sandbox's page. */
      readonly acts?: true;
      readonly code?: string;
      readonly refund?: 'pending' | 'failed';
      /** What becomes of the money once it is taken. */
      readonly dispute?: 'open' | 'won' | 'lost';
    }
  >
> = {
  tok_success: { outcome: 'success' },
  tok_declined: { outcome: 'declined', code: 'card_declined' },
  tok_insufficient_funds: { outcome: 'declined', code: 'insufficient_funds' },
  tok_pending_success: { outcome: 'success', pending: true },
  tok_pending_failure: { outcome: 'declined', pending: true, code: 'payment_failed' },
  tok_payer_acts: { outcome: 'declined', pending: true, acts: true, code: 'expired' },
  tok_refund_pending: { outcome: 'success', refund: 'pending' },
  tok_refund_fails: { outcome: 'success', refund: 'failed' },
  tok_dispute_open: { outcome: 'success', dispute: 'open' },
  tok_dispute_won: { outcome: 'success', dispute: 'won' },
  tok_dispute_lost: { outcome: 'success', dispute: 'lost' },
};

/** Methods that the payer confirms elsewhere: they are pending first, and captured when confirmed. */
export const LATER: ReadonlySet<string> = new Set(['upi', 'pix', 'sepa_debit']);
