import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Books, type BookDispute, type BookPayment, type KeptAnswer } from './books';
import { sendPayPage } from './pages';
import { fateOf, faultOf, faultsSchema, type Faults } from './faults';
import * as operations from './operations';
import { WebhookSender } from './webhooks';

export interface SandboxProviderOptions {
  readonly port: number;
  readonly secret: string;
  readonly journal?: string;
  readonly faults: Faults;
  readonly webhookUrl?: string;
}

const controlSchema = z.strictObject({
  faults: faultsSchema.optional(),
  webhookUrl: z.url().nullable().optional(),
  /** From now on and for so long every connection is cut. 0 ends it. */
  downMs: z.number().min(0).max(3_600_000).optional(),
  /** Whatever is pending ends now. */
  settle: z.literal(true).optional(),
});
const PAGE = 500;
const MOST_BYTES = 65_536;

/** The sandbox provider: payments over HTTP with its own books, and everything that goes wrong at a real one. */
export class SandboxProvider {
  readonly #books: Books;
  readonly #webhooks: WebhookSender;
  readonly #attempts = new Map<string, number>();
  readonly #requests: Record<string, number> = {};
  #faults: Faults;
  #downUntil = 0;

  constructor(private readonly options: SandboxProviderOptions) {
    this.#faults = options.faults;
    this.#books = new Books(options.journal);
    this.#webhooks = new WebhookSender(options.secret, () => this.#faults);
    this.#webhooks.url = options.webhookUrl;
    for (const payment of this.#books.all()) this.#schedule(payment);
  }

  /** Resolves to the address. */
  async listen(): Promise<string> {
    const server = createServer((req, res) => {
      this.#handle(req, res).catch((error: unknown) => {
        if (error instanceof operations.Refusal)
          return answer(res, error.status, { code: error.code, detail: error.message });
        console.error(error);
        answer(res, 500, { code: 'internal_error', detail: 'a fault of the sandbox itself: see its output' });
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.options.port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const url = new URL(req.url ?? '/', 'http://sandbox');
    const operation = `${req.method} ${url.pathname.replace(/\/sbx_[^/]+/, '/:id')}`;
    const ours = url.pathname === '/control' || url.pathname === '/stats';
    if (!ours) this.#requests[operation] = (this.#requests[operation] ?? 0) + 1;
    if (!ours && Date.now() < this.#downUntil) return void req.socket.destroy();
    const visited = /^\/pay\/(sbx_[^/]+)$/.exec(url.pathname);
    if (visited) return this.#visit(req, res, known(this.#books.find(visited[1] ?? '')));
    if (!this.#isAuthorised(req)) throw new operations.Refusal(401, 'unauthenticated', 'this is not the secret');
    const body = req.method === 'POST' ? await readJson(req) : undefined;
    if (operation === 'POST /control') return answer(res, 200, this.#control(body));
    if (operation === 'GET /stats')
      return answer(res, 200, { requests: this.#requests, webhooks: this.#webhooks.counts });
    if (operation === 'GET /books') {
      const { data, next } = this.#books.page(
        Number(url.searchParams.get('since') ?? 0),
        url.searchParams.get('after') ?? '',
        PAGE,
      );
      return answer(res, 200, { data, next });
    }
    const path = /^\/v1\/payments(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(url.pathname);
    if (!path) throw new operations.Refusal(404, 'not_found', `nothing at ${operation}`);
    const [, id = '', action = ''] = path;
    if (req.method === 'GET') {
      const found = id === '' ? this.#books.findByKey(url.searchParams.get('key') ?? '') : this.#books.find(id);
      return answer(res, 200, known(found));
    }
    await this.#post(req, res, `${id}/${action}`, body);
  }

  /** A call with an effect, and what goes wrong with it. */
  async #post(req: IncomingMessage, res: ServerResponse, path: string, body: unknown): Promise<void> {
    const key = String(req.headers['idempotency-key'] ?? '');
    if (key === '') throw new operations.Refusal(400, 'key_required', 'send an Idempotency-Key');
    const attempt = (this.#attempts.get(key) ?? 0) + 1;
    this.#attempts.set(key, attempt);
    if (this.#faults.delayMs > 0) await sleep(this.#faults.delayMs);
    const fault = faultOf(this.#faults, this.#aboutOf(path, key, body), attempt);
    if (fault === 'error-before') return answer(res, 500, { code: 'fault', detail: 'nothing happened' });
    const hash = createHash('sha256')
      .update(`${path} ${JSON.stringify(body)}`)
      .digest('hex');
    const base = `http://${req.headers.host}`;
    const kept = this.#books.answerTo(key) ?? this.#perform(path, key, hash, body, base);
    if (kept.hash !== hash) throw new operations.Refusal(422, 'key_reused', 'this key belongs to another call');
    if (fault === 'error-after') return answer(res, 500, { code: 'fault', detail: 'it happened' });
    if (fault === 'timeout-after') {
      const hang = setTimeout(() => req.socket.destroy(), this.#faults.hangMs);
      res.once('close', () => clearTimeout(hang));
      return;
    }
    answer(res, kept.status, kept.body);
  }

  /** Which call this is, for the draw of what goes wrong with it: its key, or the card and what is done with it. */
  #aboutOf(path: string, key: string, body: unknown): string {
    const [id = '', action = ''] = path.split('/');
    const asked = operations.authoriseSchema.pick({ token: true }).loose().safeParse(body).data;
    const fate = fateOf({ token: (id === '' ? asked : this.#books.find(id))?.token ?? '', key });
    return fate === key ? key : `${fate} ${action === '' ? 'authorise' : action}`;
  }

  /** Does what a key asks for, and keeps the answer. */
  #perform(path: string, key: string, hash: string, body: unknown, base: string): KeptAnswer {
    const [id = '', action = ''] = path.split('/');
    const moment = { faults: this.#faults, now: Date.now(), base };
    const before = id === '' ? undefined : known(this.#books.find(id));
    const after = before
      ? change(before, action, body, moment)
      : operations.authorise(parse(operations.authoriseSchema, body), key, moment);
    const kept = { key, hash, status: 200, body: after };
    this.#books.save(after, kept);
    if (after !== before) this.#announce(after, action === 'refunds' ? (after.refunds.at(-1)?.id ?? null) : null);
    this.#schedule(after);
    return kept;
  }

  /** The payer's own page of a payment: nobody else knows its address. */
  async #visit(req: IncomingMessage, res: ServerResponse, payment: BookPayment): Promise<void> {
    const decision = req.method === 'POST' ? new URLSearchParams(await readText(req)).get('decision') : null;
    // What has ended meanwhile stays as it is, and its page says how.
    const now = this.#books.find(payment.id) ?? payment;
    const ended =
      now.status !== 'pending' || decision === null
        ? now
        : decision === 'confirm'
          ? operations.accept(now, Date.now())
          : operations.refuse(now, 'payer_refused', Date.now());
    if (ended !== now) {
      this.#books.save(ended);
      this.#announce(ended, null);
    }
    sendPayPage(res, ended, decision !== null);
  }

  #announce(payment: BookPayment, refundId: string | null): void {
    const refund = payment.refunds.find(({ id }) => id === refundId);
    const type = refund ? `refund.${refund.status}` : `payment.${payment.status}`;
    this.#webhooks.send(type, payment, refundId);
  }

  /** What is pending ends when its time has come, through a restart too. */
  #schedule({ id, status, dueAt, refunds, disputes = [] }: BookPayment): void {
    const at = (due: number, end: () => void): void => void setTimeout(end, Math.max(0, due - Date.now())).unref();
    if (status === 'pending' && dueAt !== null) at(dueAt, () => this.#settle(id));
    for (const dispute of disputes)
      if (dispute.dueAt !== null) at(dispute.dueAt, () => this.#settleDispute(id, dispute));
    for (const refund of refunds)
      if (refund.status === 'pending' && refund.dueAt !== null)
        at(refund.dueAt, () => this.#settleRefund(id, refund.id));
  }

  #settle(id: string): void {
    const payment = this.#books.find(id);
    if (payment?.status !== 'pending') return;
    const ended = operations.settle(payment, { faults: this.#faults, now: Date.now() });
    this.#books.save(ended);
    this.#announce(ended, null);
    this.#schedule(ended);
  }

  #settleRefund(id: string, refundId: string): void {
    const payment = this.#books.find(id);
    const ended = payment && operations.settleRefund(payment, refundId, Date.now());
    if (!ended || ended === payment) return;
    this.#books.save(ended);
    this.#announce(ended, refundId);
  }

  /** The next step of a dispute, unless another change of the payment has brought it already. */
  #settleDispute(id: string, before: BookDispute): void {
    const payment = this.#books.find(id);
    const found = payment?.disputes?.find((one) => one.id === before.id);
    if (!payment || found?.status !== before.status) return;
    const after = operations.settleDispute(payment, before.id, { faults: this.#faults, now: Date.now() });
    this.#books.save(after);
    const told = after.disputes?.find((one) => one.id === before.id)?.status ?? 'open';
    this.#webhooks.send(`dispute.${told === 'open' ? 'opened' : told}`, after, null, before.id);
    this.#schedule(after);
  }

  #settleAll(): void {
    for (const { id, refunds, disputes = [] } of [...this.#books.all()]) {
      for (const dispute of disputes) if (dispute.dueAt !== null) this.#settleDispute(id, dispute);
      this.#settle(id);
      for (const refund of refunds) this.#settleRefund(id, refund.id);
    }
  }

  #control(body: unknown): object {
    const { faults, webhookUrl, downMs, settle } = parse(controlSchema, body);
    if (faults) this.#faults = faults;
    if (webhookUrl !== undefined) this.#webhooks.url = webhookUrl ?? undefined;
    if (downMs !== undefined) this.#downUntil = Date.now() + downMs;
    if (settle) this.#settleAll();
    return { faults: this.#faults, webhookUrl: this.#webhooks.url ?? null, downUntil: this.#downUntil };
  }

  #isAuthorised(req: IncomingMessage): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(req.headers.authorization ?? ''), digest(`Bearer ${this.options.secret}`));
  }
}

function change(payment: BookPayment, action: string, body: unknown, moment: operations.Moment): BookPayment {
  if (action === 'capture') return operations.capture(payment, parse(operations.captureSchema, body).amount, moment);
  if (action === 'refunds') return operations.refund(payment, parse(operations.refundSchema, body), moment);
  if (action !== 'void') throw new operations.Refusal(404, 'not_found', `there is no ${action}`);
  parse(operations.voidSchema, body);
  return operations.release(payment, moment.now);
}

function known(payment: BookPayment | undefined): BookPayment {
  if (!payment) throw new operations.Refusal(404, 'payment_unknown', 'there is no such payment');
  return payment;
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const read = schema.safeParse(body);
  if (!read.success) throw new operations.Refusal(400, 'invalid_request', z.prettifyError(read.error));
  return read.data;
}

async function readText(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new operations.Refusal(413, 'too_large', 'the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const text = await readText(req);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new operations.Refusal(400, 'invalid_request', 'the body is not JSON');
  }
}

function answer(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
