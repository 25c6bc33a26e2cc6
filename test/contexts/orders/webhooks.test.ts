import { runWebhooks } from '../../chaos/webhooks';

/** The short form of C8; `npm run chaos -- webhooks` is the long one. */
test('webhooks that come twice, in another order, late or never, with forged, old and cut ones among them, have one effect each', async () => {
  const { broken, figures } = await runWebhooks({ seed: 1, orders: 24 });
  expect(broken).toEqual([]);
  expect(figures['forged, old and cut ones refused']).toBeGreaterThan(20);
  expect(figures['webhooks taken']).toBeGreaterThan(Number(figures['of them for the first time']));
}, 300_000);
