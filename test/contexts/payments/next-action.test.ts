import { crc16, nextActionOf, pixCode } from '../../../src/sandbox-provider/actions';
import { openPaymentShop, type PaymentShop } from './shop';
import { eventually } from '../../support/app';

let shop: PaymentShop;
beforeAll(async () => {
  shop = await openPaymentShop();
});
afterAll(() => shop.close());

const decide = (page: string, decision: 'confirm' | 'refuse'): Promise<Response> =>
  fetch(page, { method: 'POST', body: new URLSearchParams({ decision }), redirect: 'manual' });

describe('what a payer has to do elsewhere', () => {
  test.each([
    ['pix', 'BR', 'BRL', { type: 'pix', code: expect.stringMatching(/^000201010212.+6304[0-9A-F]{4}$/) as string }],
    ['upi', 'IN', 'INR', { type: 'upi', uri: expect.stringMatching(/^upi:\/\/pay\?.*am=42\.00&cu=INR$/) as string }],
    ['sepa_debit', 'DE', 'EUR', { type: 'mandate', reference: expect.stringMatching(/^[0-9a-f]{12}$/) as string }],
    ['card', 'GB', 'GBP', { type: 'redirect' }],
  ] as const)(
    'by %s from %s is kept with the payment, and gone when it is done',
    async (method, country, currency, wanted) => {
      const amount = { amount: 4200, currency };
      const payment = await shop.authorised({ method, country, amount, token: 'tok_payer_acts' });
      expect(payment).toMatchObject({ status: 'pending', nextAction: wanted });
      expect(Date.parse(payment.nextAction?.expiresAt ?? '')).toBeGreaterThan(Date.parse(payment.createdAt));
      const { body } = await shop.admin('GET', `/payments?order=${payment.orderId}`);
      expect(body.data[0]).toMatchObject({ nextAction: wanted });
      expect(body.data[0]).not.toHaveProperty('returnUrl');
      const page = payment.nextAction?.url ?? '';
      expect(await (await fetch(page)).text()).toContain('It waits for you.');
      expect(await (await decide(page, 'confirm')).text()).toMatch(/It is (paid|confirmed)\./);
      const end = method === 'card' ? 'authorised' : 'captured';
      await eventually(20_000, async () => (await shop.read(payment.id)).status === end);
      expect(await shop.read(payment.id)).toMatchObject({ nextAction: null, actionDone: true });
      // A second decision comes too late.
      await decide(page, 'refuse');
      expect((await shop.sandbox.books()).find(({ id }) => id === payment.providerId)?.status).toBe(end);
    },
  );

  test('and refuses there declines the payment; the page sends them back to the shop', async () => {
    const returnUrl = 'https://shop.example/orders/ord_1?from="bank"';
    const payment = await shop.authorised({ token: 'tok_payer_acts', returnUrl });
    const page = payment.nextAction?.url ?? '';
    expect(await (await fetch(page)).text()).toContain('href="https://shop.example/orders/ord_1?from=&#34;bank&#34;"');
    const answer = await decide(page, 'refuse');
    expect([answer.status, answer.headers.get('location')]).toEqual([303, returnUrl]);
    await eventually(20_000, async () => (await shop.read(payment.id)).status === 'declined');
    expect(await shop.read(payment.id)).toMatchObject({ declineCode: 'payer_refused', nextAction: null });
  });

  test('is called off with the payment', async () => {
    const payment = await shop.authorised({ token: 'tok_payer_acts' });
    const result = await shop.payments.callVoid(payment);
    expect(result).toMatchObject({ status: 'voided', nextAction: null });
    await shop.database.transaction((client) => shop.payments.recordVoid(client, payment.id, result));
    expect((await shop.read(payment.id)).nextAction).toBeNull();
    expect(await (await decide(payment.nextAction?.url ?? '', 'confirm')).text()).toContain('It was called off.');
  });
});

describe('a Pix code of the sandbox', () => {
  const asked = { id: 'sbx_0193', method: 'pix', amount: 123_405, currency: 'BRL', reference: 'ord_1' };

  test('has the checksum of the specification', () => {
    // The check value of CRC-16/IBM-3740.
    expect(crc16('123456789')).toBe(0x29b1);
    const code = pixCode(asked);
    expect(crc16(code.slice(0, -4)).toString(16).toUpperCase().padStart(4, '0')).toBe(code.slice(-4));
  });

  test('is read field by field: the amount in real, the currency by its number', () => {
    const fields = new Map<string, string>();
    const code = pixCode(asked);
    for (let at = 0; at < code.length;) {
      const length = Number(code.slice(at + 2, at + 4));
      fields.set(code.slice(at, at + 2), code.slice(at + 4, at + 4 + length));
      at += 4 + length;
    }
    expect([fields.get('54'), fields.get('53'), fields.get('58')]).toEqual(['1234.05', '986', 'BR']);
    expect(fields.get('26')).toContain('br.gov.bcb.pix');
    expect([...fields.keys()].at(-1)).toBe('63');
    expect(nextActionOf(asked, 'http://sandbox', 0)).toEqual({
      type: 'pix',
      code,
      url: 'http://sandbox/pay/sbx_0193',
      expiresAt: '1970-01-01T00:30:00.000Z',
    });
  });
});
