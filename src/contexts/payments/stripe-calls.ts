import type Stripe from 'stripe';
import { GatewayRefused, GatewayUnavailable } from './gateway';

/** Calls to Stripe, and what their errors mean. */

/** Loaded by who uses it alone: it takes a tenth of a second or more, and 17 MB. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- synchronous, and not before it is needed
export const sdk = (): typeof Stripe => require('stripe') as typeof Stripe;

/**
 * The bank says no (402): to an authorisation, of which the error carries the intent, but also to a capture or a refund. Nothing
 * happened.
 */
export class DeclinedIntent extends GatewayRefused {
  constructor(
    code: string,
    readonly intent: Stripe.PaymentIntent | undefined,
    cause: unknown,
  ) {
    super(code, `the bank declined: ${code}`, { cause });
  }
}

/** Makes a call that ends with the signal. Throws GatewayRefused (DeclinedIntent where a bank says no) or GatewayUnavailable. */
export async function ask<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp: (() => void) | undefined;
  const given = new Promise<never>((_, reject) => {
    giveUp = (): void =>
      reject(new GatewayUnavailable('given-up', 'nobody waits for Stripe any more', { cause: signal.reason }));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    // The SDK takes no signal: the call goes on by itself until its own timeout, as one does that was sent.
    return await Promise.race([call(), given]);
  } catch (error) {
    throw toGatewayError(error);
  } finally {
    if (giveUp) signal.removeEventListener('abort', giveUp);
  }
}

function toGatewayError(error: unknown): unknown {
  const { StripeError, StripeCardError, StripeConnectionError } = sdk().errors;
  if (!(error instanceof StripeError)) return error;
  const { statusCode, code, message } = error;
  if (error instanceof StripeCardError)
    // The SDK makes '' of a code that is not there.
    return new DeclinedIntent(error.decline_code || code || 'declined', error.payment_intent, error);
  if (error instanceof StripeConnectionError || statusCode === undefined)
    return new GatewayUnavailable('connection', 'Stripe did not answer', { cause: error });
  if (statusCode >= 500)
    return new GatewayUnavailable('server-error', `Stripe answered ${statusCode}`, { cause: error });
  if (statusCode === 401 || statusCode === 403)
    return new GatewayUnavailable('unauthorised', `Stripe does not take our key (${statusCode})`, { cause: error });
  // 409: the same key is being worked on.
  if (statusCode === 429 || statusCode === 409)
    return new GatewayUnavailable('busy', `Stripe answered ${statusCode}`, { cause: error });
  return new GatewayRefused(code ?? error.type, message, { cause: error });
}

/**
 * Looks something up. To be refused that (a search is not open to every account) says nothing of the money, unless the answer is
 * that there is no such thing.
 */
export async function look<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await ask(call, signal);
  } catch (error) {
    if (!(error instanceof GatewayRefused) || error.code === 'resource_missing') throw error;
    throw new GatewayUnavailable('unauthorised', `Stripe does not let us look: ${error.message}`, { cause: error });
  }
}

/** What is asked for, or undefined where Stripe has nothing of that id. */
export async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GatewayRefused && error.code === 'resource_missing') return undefined;
    throw error;
  }
}

/** All that a list has, page by page. */
export async function* allOf<T extends { id: string }>(
  list: (page: { limit: number; starting_after?: string }) => Promise<Stripe.ApiList<T>>,
  signal: AbortSignal,
): AsyncIterable<T> {
  for (let after: string | undefined, more = true; more;) {
    const start = after === undefined ? {} : { starting_after: after };
    const page: Stripe.ApiList<T> = await look(() => list({ limit: 100, ...start }), signal);
    yield* page.data;
    more = page.has_more;
    after = page.data.at(-1)?.id;
  }
}
