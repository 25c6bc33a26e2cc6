import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../kernel/ids';
import { signWebhook } from '../platform/webhooks/standard';
import type { BookPayment } from './books';
import { draw, fateOf, type Faults } from './faults';

/** How often an event is tried, and the first pause; each next is twice as long. */
const TRIES = 7;
const FIRST_PAUSE_MS = 200;
const STALE_MS = 600_000;

export interface WebhookCounts {
  events: number;
  /** Deliveries that the shop took. */
  taken: number;
  /** What somebody else signed, was old or was cut, by what the shop did with it. */
  badRefused: number;
  badTaken: number;
  /** Events given up, or that had nowhere to go. */
  lost: number;
  /** Deliveries on their way. */
  pending: number;
}

/** Tells the shop what happened, as faultily as it is told to. */
export class WebhookSender {
  url: string | undefined;
  readonly counts: WebhookCounts = { events: 0, taken: 0, badRefused: 0, badTaken: 0, lost: 0, pending: 0 };

  constructor(
    private readonly secret: string,
    private readonly faults: () => Faults,
  ) {}

  /** Announces what a payment is now. `refundId` and `disputeId` name what of it the news are about. */
  send(type: string, payment: BookPayment, refundId: string | null = null, disputeId: string | null = null): void {
    this.counts.events++;
    if (this.url === undefined) {
      this.counts.lost++;
      return;
    }
    const { seed, webhooks } = this.faults();
    const fate = fateOf(payment);
    // The ids of refunds and disputes are made at random: what is drawn for a card leaves them out.
    const about = fate === payment.key ? `${fate} ${type} ${refundId ?? disputeId ?? ''}` : `${fate} ${type}`;
    const happens = (what: keyof typeof webhooks): boolean => draw(seed, what, about) < webhooks[what];
    const late = (what: string): number => draw(seed, 'late', what, about) * webhooks.lateMs;
    const event = { id: newId('evt'), type, createdAt: Date.now(), payment, refundId, disputeId };
    const body = Buffer.from(JSON.stringify(event));
    if (happens('lose')) this.counts.lost++;
    else this.#track(this.#deliver(event.id, body, happens('reorder') ? late('first') : 0));
    if (happens('duplicate')) this.#track(this.#deliver(event.id, body, late('second')));
    if (happens('forge')) {
      const forged = {
        ...event,
        id: newId('evt'),
        payment: { ...payment, status: 'captured', captured: payment.amount },
      };
      const stranger = `whsec_${randomBytes(24).toString('base64')}`;
      const text = Buffer.from(JSON.stringify(forged));
      this.#track(this.#bad(text, signWebhook(stranger, forged.id, Date.now(), text)));
    }
    if (happens('stale')) {
      const id = newId('evt');
      const text = Buffer.from(JSON.stringify({ ...event, id }));
      this.#track(this.#bad(text, signWebhook(this.secret, id, Date.now() - STALE_MS, text)));
    }
    if (happens('truncate')) {
      const id = newId('evt');
      const text = Buffer.from(JSON.stringify({ ...event, id }));
      this.#track(this.#bad(text.subarray(0, -1), signWebhook(this.secret, id, Date.now(), text)));
    }
  }

  #track(delivery: Promise<void>): void {
    this.counts.pending++;
    void delivery.finally(() => this.counts.pending--);
  }

  async #deliver(id: string, body: Buffer, delayMs: number): Promise<void> {
    await sleep(delayMs);
    for (let tried = 1, pause = FIRST_PAUSE_MS; tried <= TRIES; tried++, pause *= 2) {
      if (await this.#post(body, signWebhook(this.secret, id, Date.now(), body))) {
        this.counts.taken++;
        return;
      }
      await sleep(pause);
    }
    this.counts.lost++;
  }

  async #bad(body: Buffer, headers: object): Promise<void> {
    if (await this.#post(body, headers)) this.counts.badTaken++;
    else this.counts.badRefused++;
  }

  /** Whether the shop took it. A shop that is away is like one that refuses. */
  async #post(body: Buffer, headers: object): Promise<boolean> {
    if (this.url === undefined) return false;
    try {
      const answer = await fetch(this.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(10_000),
      });
      await answer.arrayBuffer();
      return answer.ok;
    } catch {
      return false; // not reached: it is tried again
    }
  }
}
