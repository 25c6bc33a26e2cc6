/** Every code that the library throws. A code is stable: branch on it, not on the message. */
export const ERROR_CODES = [
  'ERR_EASY11_INVALID_ID',
  'ERR_EASY11_INVALID_TEXT',
  'ERR_EASY11_INVALID_WEIGHT',
  'ERR_EASY11_INVALID_PRICE',
  'ERR_EASY11_INVALID_CATEGORY',
  'ERR_EASY11_INVALID_QUERY',
  'ERR_EASY11_EMPTY_QUERY',
  'ERR_EASY11_QUERY_TOO_LONG',
  'ERR_EASY11_INVALID_LIMIT',
  'ERR_EASY11_INVALID_FILTER',
  'ERR_EASY11_INVALID_OPTION',
  'ERR_EASY11_INVALID_KEY',
  'ERR_EASY11_INVALID_VALUE',
  'ERR_EASY11_INVALID_TTL',
  'ERR_EASY11_INVALID_TAG',
  'ERR_EASY11_VALUE_TOO_LARGE',
  'ERR_EASY11_NOT_A_NUMBER',
  'ERR_EASY11_NAME_IN_USE',
  'ERR_EASY11_INVALID_SCHEMA',
  'ERR_EASY11_UNKNOWN_ATTRIBUTE',
  'ERR_EASY11_DUPLICATE_ID',
  'ERR_EASY11_UNKNOWN_ID',
  'ERR_EASY11_EMPTY_DATA',
  'ERR_EASY11_DIMENSION_MISMATCH',
  'ERR_EASY11_ONE_CLASS',
  'ERR_EASY11_CLOSED',
  'ERR_EASY11_NOT_SHARED',
  'ERR_EASY11_ABORTED',
  'ERR_EASY11_CORRUPT_SNAPSHOT',
  'ERR_EASY11_SNAPSHOT_VERSION',
  'ERR_EASY11_IO',
  'ERR_EASY11_NATIVE_UNAVAILABLE',
  'ERR_EASY11_OUT_OF_MEMORY',
  'ERR_EASY11_INTERNAL',
] as const;

export type Easy11ErrorCode = (typeof ERROR_CODES)[number];

/** The one class of error that the library throws. After it, the object that threw is as it was before the call. */
export class Easy11Error extends Error {
  readonly code: Easy11ErrorCode;

  constructor(code: Easy11ErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'Easy11Error';
    this.code = code;
  }
}

/**
 * An operation ended because its signal was aborted: an Easy11Error whose `name` is the platform's 'AbortError', so that
 * code written for `fetch` recognises it. `cause` is the signal's reason.
 */
export function abortError(signal: AbortSignal): Easy11Error {
  const error = new Easy11Error('ERR_EASY11_ABORTED', 'The operation was aborted', { cause: signal.reason });
  error.name = 'AbortError';
  return error;
}
