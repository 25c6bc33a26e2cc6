import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';

/** What the sandbox provider knows: its payments, and what it answered to which key. Optionally also in a file. */

export interface BookRefund {
  readonly id: string;
  readonly amount: number;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly failureCode: string | null;
  /** When a pending one ends. Milliseconds since the epoch. */
  readonly dueAt: number | null;
}

/** What the payer's bank takes back; `coming` until it does. */
export interface BookDispute {
  readonly id: string;
  readonly amount: number;
  readonly status: 'coming' | 'open' | 'won' | 'lost';
  readonly reason: string;
  /** When it goes on. */
  readonly dueAt: number | null;
}

/** What the payer has still to do, before a pending payment goes on. `url` is the sandbox's page for it. */
export type BookAction =
  | { readonly type: 'pix'; readonly code: string; readonly url: string; readonly expiresAt: string }
  | { readonly type: 'upi'; readonly uri: string; readonly url: string; readonly expiresAt: string }
  | { readonly type: 'mandate'; readonly reference: string; readonly url: string; readonly expiresAt: string }
  | { readonly type: 'redirect'; readonly url: string; readonly expiresAt: string };

export interface BookPayment {
  readonly id: string;
  /** The key of its authorisation. */
  readonly key: string;
  readonly token: string;
  readonly method: string;
  readonly reference: string;
  readonly status: 'pending' | 'authorised' | 'captured' | 'voided' | 'declined';
  readonly amount: number;
  readonly currency: string;
  readonly captured: number;
  readonly refunded: number;
  readonly declineCode: string | null;
  /** Older books do not have these two, nor disputes. */
  readonly nextAction?: BookAction | null;
  /** Where the payer is sent back to from the sandbox's page. */
  readonly returnUrl?: string;
  readonly refunds: readonly BookRefund[];
  readonly disputes?: readonly BookDispute[];
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When a pending one ends. */
  readonly dueAt: number | null;
}

/** The first answer to a key: every repetition gets the same. */
export interface KeptAnswer {
  readonly key: string;
  /** Of what was asked: the same key for something else is refused. */
  readonly hash: string;
  readonly status: number;
  readonly body: unknown;
}

interface Line {
  readonly payment?: BookPayment;
  readonly answer?: KeptAnswer;
}

export class Books {
  readonly #payments = new Map<string, BookPayment>();
  readonly #byKey = new Map<string, string>();
  readonly #answers = new Map<string, KeptAnswer>();

  /** `journal` is a file that is read now and appended to at each change, so that the books outlive the process. */
  constructor(private readonly journal?: string) {
    if (journal === undefined || !existsSync(journal)) return;
    const lines = readFileSync(journal, 'utf8').split('\n');
    // What is not ended by a line break was being written when the process was killed: it was never answered.
    for (const line of lines.slice(0, -1)) if (line !== '') this.#take(JSON.parse(line) as Line);
    const half = Buffer.byteLength(lines.at(-1) ?? '');
    if (half > 0) truncateSync(journal, statSync(journal).size - half);
  }

  #take({ payment, answer }: Line): void {
    if (payment) {
      this.#payments.set(payment.id, payment);
      this.#byKey.set(payment.key, payment.id);
    }
    if (answer) this.#answers.set(answer.key, answer);
  }

  /** Writes a change and the answer to it in one go. */
  save(payment: BookPayment | undefined, answer?: KeptAnswer): void {
    const line: Line = { ...(payment && { payment }), ...(answer && { answer }) };
    if (this.journal !== undefined) {
      mkdirSync(path.dirname(this.journal), { recursive: true });
      appendFileSync(this.journal, `${JSON.stringify(line)}\n`);
    }
    this.#take(line);
  }

  find(id: string): BookPayment | undefined {
    return this.#payments.get(id);
  }

  findByKey(key: string): BookPayment | undefined {
    return this.find(this.#byKey.get(key) ?? '');
  }

  answerTo(key: string): KeptAnswer | undefined {
    return this.#answers.get(key);
  }

  all(): IterableIterator<BookPayment> {
    return this.#payments.values();
  }

  /** Payments made since then, in the order in which they were made, behind the one with the id `after`. */
  page(since: number, after: string, limit: number): { data: BookPayment[]; next: string | null } {
    const made = [...this.#payments.values()].filter(({ createdAt }) => createdAt >= since);
    const start = after === '' ? 0 : made.findIndex(({ id }) => id === after) + 1;
    const data = made.slice(start, start + limit);
    return { data, next: start + limit < made.length ? (data.at(-1)?.id ?? null) : null };
  }
}
