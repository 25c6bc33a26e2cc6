import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { overHttp, type Answer } from '../contexts/orders/shop';
import { Random } from '../support/random';

type Shop = ReturnType<typeof overHttp>;

/** What one customer did, to be held against the shop when it is quiet again. */
export interface Purchase {
  readonly key: string;
  readonly body: Record<string, unknown>;
  readonly answer: Answer;
}

export interface Tally {
  readonly purchases: Purchase[];
  retries: number;
  refused: number;
  /** Two answers to the same key that are not the same. */
  readonly mismatches: [string, string][];
  cancelled: number;
  dispatched: number;
  latencies: number[];
}

export const newTally = (): Tally => ({
  purchases: [],
  retries: 0,
  refused: 0,
  mismatches: [],
  cancelled: 0,
  dispatched: 0,
  latencies: [],
});

/** As a good client does: asks again, the same, while nobody answers or the shop says that it may. */
export async function insist(
  tally: Pick<Tally, 'retries'>,
  pauses: Random,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    try {
      const answer = await ask();
      if (answer.status < 500 && answer.body?.code !== 'idempotency-key-in-flight') return answer;
    } catch (error) {
      // Nobody is there, or died before or while it answered. By name: a test has classes of errors of its own.
      if (!['TypeError', 'SyntaxError'].includes((error as Error).name)) throw error;
    }
    tally.retries++;
    await sleep(200 + pauses.next() * 400);
  }
}

/**
 * The nth checkout of a seed: a quote, a checkout, often sent twice; now and then a cancellation or a dispatch. What it wants, and
 * the card that it pays with, from which the provider draws its faults, are the same at every run.
 */
export async function shopOnce(
  shop: Shop,
  skus: readonly string[],
  seed: number,
  nth: number,
  tally: Tally,
): Promise<void> {
  // How often it has to ask differs from run to run: that must not change what it wants.
  const [random, pauses] = [new Random(seed * 1_000_003 + nth), new Random(seed * 1_000_003 + nth + 500_000)];
  const wanted = [random.pick(skus), ...(random.chance(0.3) ? [random.pick(skus)] : [])];
  const lines = wanted.map((sku) => ({ sku, quantity: 1 + random.below(2) }));
  const [twin, kind, fate] = [random.chance(0.2), random.chance(0.05) ? 'tok_declined' : 'tok_success', random.next()];
  const token = `${kind}#${seed}-${nth}`;
  const destination = { country: 'GB' };
  const again = (ask: () => Promise<Answer>): Promise<Answer> => insist(tally, pauses, ask);
  const quote = await again(() => shop.ask('POST', '/v1/quotes', { destination, lines }));
  if (quote.status !== 201) throw new Error(`${quote.status}: ${quote.text}`);
  const [key, body] = [randomUUID(), shop.request(quote.body.id, { token })];
  const send = (): Promise<Answer> => again(() => shop.checkout(body, { key }));
  const began = performance.now();
  const told = await Promise.all([send(), ...(twin ? [send()] : [])]);
  tally.latencies.push(performance.now() - began);
  const wrong = told.find(({ status, body }) => status !== 202 && !(status === 409 && body.code === 'out-of-stock'));
  if (wrong) throw new Error(`${wrong.status}: ${wrong.text}`);
  // A refusal is not remembered: where stock has come back meanwhile, a twin may be accepted after the other was refused.
  const [answer, ...others] = told.filter(({ status }) => status === 202);
  if (!answer) {
    tally.refused++;
    return;
  }
  for (const other of others) if (other.text !== answer.text) tally.mismatches.push([answer.text, other.text]);
  tally.purchases.push({ key, body, answer });
  const { id } = answer.body.order;
  const key2 = randomUUID();
  if (fate < 0.1) {
    const headers = { Authorization: `Bearer ${answer.body.orderToken}`, 'Idempotency-Key': key2 };
    await sleep(fate * 5_000);
    const ended = await again(() => shop.ask('POST', `/v1/orders/${id}/cancellation`, undefined, headers));
    if (ended.status === 202) tally.cancelled++;
  } else if (fate < 0.25) {
    // What is pending cannot be dispatched yet, what is cancelled not any more.
    const state = async (): Promise<string> => (await again(() => shop.admin('GET', `/orders/${id}`))).body.state;
    for (let looks = 0; looks < 100 && (await state()) === 'pending'; looks++) await sleep(150);
    const headers = { 'Idempotency-Key': key2 };
    const sent = await again(() => shop.admin('POST', `/orders/${id}/dispatch`, undefined, headers));
    if (sent.status === 202) tally.dispatched++;
  }
}
