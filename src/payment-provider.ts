import path from 'node:path';
import { createSandboxGateway, createStripeGateway, type Gateway } from './contexts/payments';
import type { Settings } from './platform/config';
import type { Log } from './platform/log';
import { startSandboxProcess } from './sandbox-provider/child';

/** The provider that the settings name. */
export interface PaymentProvider {
  /** Undefined when payments are off. */
  readonly gateway: Gateway | undefined;
  /** Waits until it can be called. Tells a sandbox of our own where the shop listens, so that it can send its webhooks. */
  ready(shopUrl: string): Promise<void>;
  close(): Promise<void>;
}

type PaymentSettings = Pick<
  Settings,
  | 'EASY11_PAYMENTS'
  | 'EASY11_SANDBOX_URL'
  | 'EASY11_SANDBOX_SECRET'
  | 'EASY11_DATA_DIR'
  | 'STRIPE_SECRET_KEY'
  | 'STRIPE_WEBHOOK_SECRET'
  | 'EASY11_STRIPE_URL'
>;

const nothing = (): Promise<void> => Promise.resolve();

/** Chooses the provider, and starts the sandbox beside us where none is named. */
export function openPaymentProvider(settings: PaymentSettings, log: Log): PaymentProvider {
  if (settings.EASY11_PAYMENTS === 'stripe') return { gateway: stripe(settings), ready: nothing, close: nothing };
  if (settings.EASY11_PAYMENTS === 'off') return { gateway: undefined, ready: nothing, close: nothing };
  const { EASY11_SANDBOX_URL: url, EASY11_SANDBOX_SECRET: secret } = settings;
  if (url !== undefined && secret !== undefined)
    return { gateway: createSandboxGateway({ url: url.replace(/\/$/, ''), secret }), ready: nothing, close: nothing };
  // Its books outlive it, as those of a real provider do: the shop's database remembers payments too.
  const journal = path.join(settings.EASY11_DATA_DIR, 'sandbox-provider.jsonl');
  const sandbox = startSandboxProcess({ log, journal });
  return {
    gateway: createSandboxGateway({ url: () => sandbox.url, secret: sandbox.secret }),
    ready: (shopUrl) => sandbox.control({ webhookUrl: `${shopUrl}/v1/webhooks/payments/sandbox` }),
    close: () => sandbox.close(),
  };
}

function stripe({ STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, EASY11_STRIPE_URL }: PaymentSettings): Gateway {
  // The settings were refused without them.
  if (STRIPE_SECRET_KEY === undefined || STRIPE_WEBHOOK_SECRET === undefined) throw new Error('Stripe has no secrets');
  return createStripeGateway({
    secretKey: STRIPE_SECRET_KEY,
    webhookSecret: STRIPE_WEBHOOK_SECRET,
    ...(EASY11_STRIPE_URL !== undefined && { url: EASY11_STRIPE_URL }),
  });
}
