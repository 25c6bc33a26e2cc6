import type { StoredAnswer } from './store';

/** What a use case answers. */
export interface Reply {
  readonly status: number;
  /** Besides Content-Type: Location, ETag. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined sends nothing. */
  readonly body?: unknown;
}

export function toAnswer({ status, headers = {}, body }: Reply): StoredAnswer {
  return { status, headers, body: body === undefined ? null : JSON.stringify(body) };
}
