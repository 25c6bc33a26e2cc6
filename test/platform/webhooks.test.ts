import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { checkWebhook, signWebhook } from '../../src/platform/webhooks/standard';

const NOW = 1_764_115_200_000;
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const OTHER = `whsec_${Buffer.alloc(24, 8).toString('base64')}`;

describe('a signed webhook', () => {
  // Standard Webhooks, "Verifying webhooks": the example of the specification.
  test('has the signature that the specification gives for its example', () => {
    const body = Buffer.from('{"test": 2432232314}');
    const headers = signWebhook(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1614265330_000,
      body,
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('is taken by the verifier of the specification’s authors, and theirs by ours', () => {
    const theirs = new Webhook(SECRET);
    const now = Date.now();
    for (const payload of ['{"test":2432232314}', '{"name":"Zoë ☕"}', '{}']) {
      const headers = { ...signWebhook(SECRET, 'evt_1', now, Buffer.from(payload)) };
      expect(theirs.verify(payload, headers)).toEqual(JSON.parse(payload));
      expect(() => theirs.verify(`${payload} `, headers)).toThrow('No matching signature found');
      const signature = theirs.sign('evt_2', new Date(now), payload);
      const received = {
        'webhook-id': 'evt_2',
        'webhook-timestamp': String(Math.floor(now / 1000)),
        'webhook-signature': signature,
      };
      expect(checkWebhook(SECRET, received, Buffer.from(payload), now)).toBeUndefined();
    }
  });

  test('is taken as it was sent, and not with any byte changed, added or cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (body, at, by) => {
          const headers = { ...signWebhook(SECRET, 'evt_1', NOW, body) };
          expect(checkWebhook(SECRET, headers, body, NOW)).toBeUndefined();
          const changed = Uint8Array.from(body);
          changed[at % body.length]! ^= by;
          for (const other of [changed, body.subarray(0, -1), Uint8Array.from([...body, by])])
            expect(checkWebhook(SECRET, headers, other, NOW)).toBe('bad-signature');
          expect(checkWebhook(OTHER, headers, body, NOW)).toBe('bad-signature');
          expect(checkWebhook(SECRET, { ...headers, 'webhook-id': 'evt_2' }, body, NOW)).toBe('bad-signature');
        },
      ),
      { seed: 21, numRuns: 300 },
    );
  });

  const body = Buffer.from('{}');
  test.each([
    ['five minutes old', 'taken', -300_000],
    ['a second older', 'stale', -301_000],
    ['from five minutes ahead', 'taken', 300_000],
    ['from a second further ahead', 'stale', 301_000],
  ])('%s is %s', (_what, verdict, offset) => {
    expect(checkWebhook(SECRET, { ...signWebhook(SECRET, 'evt_1', NOW + offset, body) }, body, NOW) ?? 'taken').toBe(
      verdict,
    );
  });

  test('is taken when one of several signatures fits: a secret is being changed', () => {
    const [old, fresh] = [signWebhook(OTHER, 'evt_1', NOW, body), signWebhook(SECRET, 'evt_1', NOW, body)];
    const both = `${old['webhook-signature']} ${fresh['webhook-signature']}`;
    expect(checkWebhook(SECRET, { ...fresh, 'webhook-signature': both }, body, NOW)).toBeUndefined();
  });

  test('needs its headers', () => {
    const headers = { ...signWebhook(SECRET, 'evt_1', NOW, body) };
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature'])
      expect(checkWebhook(SECRET, { ...headers, [name]: undefined }, body, NOW)).toBe('missing-header');
    expect(checkWebhook(SECRET, { ...headers, 'webhook-timestamp': '1e9' }, body, NOW)).toBe('bad-timestamp');
  });
});
