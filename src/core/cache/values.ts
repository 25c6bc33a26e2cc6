import { isUint8Array } from 'node:util/types';
import { Easy11Error } from '../errors';
import { show } from '../show';
import { Kind, type Stored } from './engine';

/** A value as engines keep it. */
export interface Encoded {
  readonly kind: number;
  readonly stored: Stored;
}

/**
 * Strings and bytes are kept as they are, whole numbers within 2^53 as numbers, all else as JSON.
 * Throws ERR_EASY11_INVALID_VALUE when JSON has no form for it.
 */
export function encode(value: unknown): Encoded {
  if (typeof value === 'string') return { kind: Kind.LATIN1, stored: value };
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { kind: Kind.NUMBER, stored: value + 0 };
  if (isUint8Array(value)) return { kind: Kind.BYTES, stored: value };
  return { kind: Kind.JSON, stored: toJson(value) };
}

function toJson(value: unknown): string {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) throw invalid(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw invalid(value, error);
  }
  if (text === undefined) throw invalid(value);
  return text;
}

function invalid(value: unknown, cause?: unknown): Easy11Error {
  const message = `A value must be a string, bytes or something with a JSON form, not ${show(value)}`;
  return new Easy11Error('ERR_EASY11_INVALID_VALUE', message, cause === undefined ? {} : { cause });
}

/** The value that was encoded; an object comes back as a new one. */
export function decode(kind: number, stored: Stored): unknown {
  if (kind !== Kind.JSON) return stored;
  try {
    return JSON.parse(stored as string) as unknown;
  } catch (error) {
    // Only a file that was forged with the right checksum can bring such a text in.
    throw new Easy11Error('ERR_EASY11_CORRUPT_SNAPSHOT', 'A value that was loaded is no JSON', { cause: error });
  }
}

const BEYOND_LATIN1 = /[\u0100-\uffff]/;

/** Whether a text needs two bytes a character. */
export function isWide(text: string): boolean {
  return BEYOND_LATIN1.test(text);
}

/** Bytes of a text as engines keep it. */
export function textBytes(text: string): number {
  return isWide(text) ? 2 * text.length : text.length;
}
