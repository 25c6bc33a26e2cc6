import { isNativeError } from 'node:util/types';
import { Easy11Error, ERROR_CODES, type Easy11ErrorCode } from '../errors';

/** What of an error crosses to another thread. */
interface Transferred {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
}

/** An error as JSON, for those who wait for it in other threads. */
export function encodeError(error: unknown): string {
  if (!isNativeError(error)) return JSON.stringify({ name: 'Error', message: String(error) } satisfies Transferred);
  const { name, message, stack, code } = error as Error & { code?: unknown };
  return JSON.stringify({
    name,
    message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(stack === undefined ? {} : { stack }),
  } satisfies Transferred);
}

export function decodeError(text: string): Error {
  const { name, message, code, stack } = JSON.parse(text) as Transferred;
  const known = ERROR_CODES.find((one) => one === code);
  const error = known === undefined ? new Error(message) : new Easy11Error(known satisfies Easy11ErrorCode, message);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  if (code !== undefined && known === undefined) Object.assign(error, { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}
