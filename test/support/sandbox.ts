import { pino } from 'pino';
import { createSandboxGateway, type Gateway } from '../../src/contexts/payments';
import { startSandboxProcess } from '../../src/sandbox-provider/child';
import type { BookPayment } from '../../src/sandbox-provider/books';
import type { WebhookCounts } from '../../src/sandbox-provider/webhooks';

/** The real sandbox provider, a process of its own, and its books: the oracle of what was really charged. */
export interface Sandbox {
  readonly url: string;
  readonly secret: string;
  readonly pid: number;
  readonly gateway: Gateway;
  /** `{ faults }`, `{ webhookUrl }`, `{ downMs }`, `{ settle: true }`: what is pending ends. What of the faults is not named is 0. */
  control(change: Readonly<Record<string, unknown>>): Promise<void>;
  books(): Promise<BookPayment[]>;
  stats(): Promise<{ requests: Record<string, number>; webhooks: WebhookCounts }>;
  close(): Promise<void>;
}

export async function startSandbox(journal?: string): Promise<Sandbox> {
  const running = startSandboxProcess({ log: pino({ level: 'silent' }), ...(journal !== undefined && { journal }) });
  const url = await running.url;
  const { secret, control, close } = running;
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(url + path, { headers: { Authorization: `Bearer ${secret}` } });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return answer.json();
  };
  return {
    url,
    secret,
    pid: running.pid ?? 0,
    gateway: createSandboxGateway({ url, secret }),
    control,
    books: async () => {
      const all: BookPayment[] = [];
      for (let after: string | null = ''; after !== null;) {
        const page = (await get(`/books?after=${after}`)) as { data: BookPayment[]; next: string | null };
        all.push(...page.data);
        after = page.next;
      }
      return all;
    },
    stats: () => get('/stats') as ReturnType<Sandbox['stats']>,
    close,
  };
}
