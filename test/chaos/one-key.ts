import { randomUUID } from 'node:crypto';
import { insist, openShop, type Answer, type Shop } from '../contexts/orders/shop';
import type { Drill } from './drill';

/**
 * C3: one key is sent so many times at once, a quarter as often after that, and then with another body. Resolves to what is not as it
 * must be: one order, one charge, one answer to the byte, 422 for the other body.
 */
export async function oneKey(shop: Shop, times: number): Promise<string[]> {
  const sku = await shop.product(times);
  const [body, key] = [shop.request(await shop.quote([sku])), randomUUID()];
  const send = (): Promise<Answer> => insist(() => shop.checkout(body, { key }));
  const answers = await Promise.all(Array.from({ length: times }, send));
  for (let n = 0; n < times / 4; n++) answers.push(await send());
  const different = new Set(answers.map(({ status, text }) => `${status} ${text}`));
  const first = answers[0] as Answer;
  if (first.status !== 202) return [`C3 answered ${first.status}: ${first.text}`];
  const { id } = first.body.order as { id: string };
  await shop.reaches(id, 'confirmed');
  const replayed = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true').length;
  const other = await shop.checkout({ ...body, reference: 'another' }, { key });
  const charges = (await shop.sandbox.books()).filter(({ reference }) => reference === id).length;
  const facts: readonly [what: string, is: unknown, must: unknown][] = [
    ['different answers', different.size, 1],
    ['answers that say that they are replayed', replayed, answers.length - 1],
    ['the other body is answered', `${other.status} ${other.body.code}`, '422 idempotency-key-reused'],
    ['units left', await shop.available(sku), times - 1],
    ['charges', charges, 1],
  ];
  return facts.filter(([, is, must]) => is !== must).map(([what, is, must]) => `C3 ${what}: ${is}, not ${must}`);
}

/** The long form of C3. */
export const key: Drill = {
  name: 'key',
  sentence: 'C3: one Idempotency-Key two hundred times at once, fifty times after, and with another body',
  options: { runs: 20, times: 200 },
  run: async (option, say) => {
    const shop = await openShop();
    try {
      const broken: string[] = [];
      for (let run = 1; run <= option('runs'); run++) {
        const found = await oneKey(shop, option('times'));
        broken.push(...found);
        say(`run ${run} of ${option('runs')}: ${found.length === 0 ? 'one order' : found.join('; ')}`);
      }
      const asked = option('runs') * option('times') * 1.25;
      return {
        broken: [...broken, ...(await shop.broken())],
        figures: { 'checkouts sent': asked, keys: option('runs') },
      };
    } finally {
      await shop.close();
    }
  },
};
