/**
 * The one catalogue of errors that a client of the HTTP API can see (RFC 9457). A code is stable: clients branch on it.
 * Every code has a page in docs/errors/<code>.md; a test asserts it.
 */
export const ERROR_CATALOGUE = {
  'malformed-request': { status: 400, title: 'The request could not be read' },
  'webhook-signature-invalid': { status: 400, title: 'The signature of the webhook is not valid' },
  'idempotency-key-required': { status: 400, title: 'This request needs an Idempotency-Key' },
  'validation-failed': { status: 422, title: 'The request was understood, but some of its values are not acceptable' },
  unauthenticated: { status: 401, title: 'A credential is needed' },
  forbidden: { status: 403, title: 'This credential does not allow the operation' },
  'not-found': { status: 404, title: 'There is nothing at this address' },
  'method-not-allowed': { status: 405, title: 'This address does not answer to that method' },
  conflict: { status: 409, title: 'The request conflicts with the present state' },
  'duplicate-sku': { status: 409, title: 'Another product has this sku' },
  'out-of-stock': { status: 409, title: 'There is not as much in stock as was asked for' },
  'reservation-closed': { status: 409, title: 'The reservation is no longer held' },
  'cart-empty': { status: 409, title: 'There is nothing in the cart' },
  'coupon-not-applicable': { status: 409, title: 'This coupon cannot be used' },
  'cart-full': { status: 409, title: 'The cart would hold more than it can' },
  'refund-exceeds-capture': { status: 409, title: 'There is not as much left to refund' },
  'quote-used': { status: 409, title: 'The quote has bought an order already' },
  'order-closed': { status: 409, title: 'The order has come too far for this, or is cancelled' },
  'review-closed': { status: 409, title: 'The review has been decided otherwise' },
  'quote-expired': { status: 410, title: 'The quote is no longer valid' },
  'precondition-failed': { status: 412, title: 'The resource has changed since it was read' },
  'payload-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The request body has a type that this address does not take' },
  'precondition-required': { status: 428, title: 'If-Match is needed to change this resource' },
  'idempotency-key-in-flight': { status: 409, title: 'A request with this Idempotency-Key is being worked on' },
  'idempotency-key-reused': { status: 422, title: 'This Idempotency-Key belongs to another request' },
  'currency-not-offered': { status: 422, title: 'This currency is not offered there' },
  'amount-not-payable': { status: 422, title: 'The payment provider cannot move exactly this amount' },
  'payment-method-not-offered': { status: 422, title: 'This way to pay is not offered there' },
  'rate-limited': { status: 429, title: 'Too many requests from this client' },
  'internal-error': { status: 500, title: 'Something went wrong on our side' },
  'payments-unavailable': { status: 503, title: 'The payment provider cannot be reached' },
  'not-ready': { status: 503, title: 'The service is starting or its database is away' },
  overloaded: { status: 503, title: 'The service has more to do than it can' },
  'deadline-exceeded': { status: 503, title: 'The request took longer than it may' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One thing that is wrong in a request: where (a JSON pointer or a parameter's name), a stable code, and a sentence. */
export interface Violation {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface ProblemOptions {
  readonly violations?: readonly Violation[];
  readonly cause?: unknown;
  /** Seconds. One by default where the status is 503. */
  readonly retryAfter?: number;
}

/** An error meant for the client. Anything else that reaches the edge becomes `internal-error` with no detail. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ErrorCode;
  readonly violations: readonly Violation[];
  /** After how many seconds it is worth trying again, where it is. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail: string, options: ProblemOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.violations = options.violations ?? [];
    this.retryAfter = options.retryAfter ?? (this.status === 503 ? 1 : undefined);
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  get title(): string {
    return ERROR_CATALOGUE[this.code].title;
  }
}
