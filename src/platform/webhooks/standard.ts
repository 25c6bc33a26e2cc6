import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signed webhooks by the Standard Webhooks specification 1.0: `webhook-id`, `webhook-timestamp` (seconds since the epoch) and
 * `webhook-signature` (`v1,` and the base64 HMAC-SHA256 of "id.timestamp.body"; several are separated by spaces, while a
 * secret is being changed). A secret is `whsec_` and the base64 of its bytes.
 */
export interface WebhookHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/** How far a timestamp may be from now, before or after. */
export const TOLERANCE_SECONDS = 300;

export type WebhookRefusal = 'missing-header' | 'bad-timestamp' | 'stale' | 'bad-signature';

function signatureOf(secret: string, id: string, timestamp: string, body: Uint8Array): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
}

/** The headers that go with a body. `at` is milliseconds since the epoch. */
export function signWebhook(secret: string, id: string, at: number, body: Uint8Array): WebhookHeaders {
  const timestamp = String(Math.floor(at / 1000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signatureOf(secret, id, timestamp, body)}`,
  };
}

/**
 * What is wrong with a webhook; undefined when it is the sender's, whole and of the last five minutes. `now` is milliseconds
 * since the epoch. Takes the same time for any wrong signature.
 */
export function checkWebhook(
  secret: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: Uint8Array,
  now: number,
): WebhookRefusal | undefined {
  const [id, timestamp, signatures] = [
    headers['webhook-id'],
    headers['webhook-timestamp'],
    headers['webhook-signature'],
  ];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string')
    return 'missing-header';
  if (!/^\d{1,12}$/.test(timestamp)) return 'bad-timestamp';
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return 'stale';
  const expected = Buffer.from(signatureOf(secret, id, timestamp, body));
  const matches = signatures.split(' ').some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ''));
    return one.startsWith('v1,') && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return matches ? undefined : 'bad-signature';
}
