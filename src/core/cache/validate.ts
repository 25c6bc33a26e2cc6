import { Easy11Error } from '../errors';
import { show } from '../show';
import type { CacheOptions, SetOptions } from './types';
import { textBytes } from './values';

export const LIMITS = {
  /** Bytes of a key: one a character, or two when one of them is beyond Latin-1. */
  KEY: 65_535,
  TAGS: 16,
  TAG: 256,
  /** A year, in milliseconds. */
  TTL: 31_536_000_000,
  NAME: 1_024,
} as const;

/** Options that are the cache's own, whoever opens it: equal for all handles of a name. */
export interface CheckedOptions {
  readonly name: string;
  readonly policy: 's3-fifo' | 'lru';
  readonly max: number;
  readonly maxBytes: number;
  readonly ttl: number;
  readonly stale: number;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const OPTIONS: ReadonlySet<string> = new Set([
  'name',
  'policy',
  'max',
  'maxBytes',
  'ttl',
  'staleWhileRevalidate',
  'allowStale',
  'fetchMethod',
  'onRefreshError',
  'onEvict',
  'parsedObjects',
  'now',
]);

export function invalidOption(message: string): Easy11Error {
  return new Easy11Error('ERR_EASY11_INVALID_OPTION', message);
}

/** Throws ERR_EASY11_INVALID_OPTION or _TTL. */
export function checkOptions<V>(options: CacheOptions<V>): CheckedOptions {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption(`A cache's options must be an object, not ${show(options)}`);
  }
  for (const name in options) if (!OPTIONS.has(name)) throw invalidOption(`There is no cache option ${show(name)}`);
  const { name = '', policy = 's3-fifo' } = options;
  if (typeof name !== 'string' || name.length > LIMITS.NAME || LONE_SURROGATE.test(name)) {
    throw invalidOption(`name must be a well-formed string of at most ${LIMITS.NAME} characters, not ${show(name)}`);
  }
  if ('name' in options && options.name === '') throw invalidOption('name must not be empty');
  if (policy !== 's3-fifo' && policy !== 'lru') {
    throw invalidOption(`policy must be 's3-fifo' or 'lru', not ${show(policy)}`);
  }
  const max = checkBound(options.max, 'max', 1);
  const maxBytes = checkBound(options.maxBytes, 'maxBytes', 4_096);
  if (max === 0 && maxBytes === 0) throw invalidOption('One of max and maxBytes is needed');
  for (const name of ['fetchMethod', 'onRefreshError', 'onEvict', 'now'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw invalidOption(`${name} must be a function, not ${show(options[name])}`);
    }
  }
  if (options.allowStale !== undefined) checkFlag(options.allowStale, 'allowStale');
  if (
    options.parsedObjects !== undefined &&
    !(Number.isSafeInteger(options.parsedObjects) && options.parsedObjects >= 0)
  ) {
    throw invalidOption(`parsedObjects must be a whole number from 0, not ${show(options.parsedObjects)}`);
  }
  const ttl = options.ttl === undefined ? 0 : checkTtl(options.ttl, 'ttl');
  const stale = options.staleWhileRevalidate;
  return { name, policy, max, maxBytes, ttl, stale: stale === undefined ? 0 : checkTtl(stale, 'staleWhileRevalidate') };
}

export function checkFlag(value: boolean, name: string): void {
  if (typeof value !== 'boolean') throw invalidOption(`${name} must be a boolean, not ${show(value)}`);
}

function checkBound(value: number | undefined, name: string, least: number): number {
  if (value === undefined) return 0;
  if (!Number.isSafeInteger(value) || value < least) {
    throw invalidOption(`${name} must be a whole number from ${least}, not ${show(value)}`);
  }
  return value;
}

/** Milliseconds from 0, which is for ever, to a year. */
export function checkTtl(ttl: number, name: string): number {
  if (typeof ttl !== 'number' || !(ttl >= 0) || ttl > LIMITS.TTL) {
    throw new Easy11Error(
      'ERR_EASY11_INVALID_TTL',
      `${name} must be milliseconds from 0 to ${LIMITS.TTL}, not ${show(ttl)}`,
    );
  }
  return ttl;
}

/** A key is any string of at most 65,535 bytes. */
export function checkKey(key: string): string {
  if (typeof key !== 'string') {
    throw new Easy11Error('ERR_EASY11_INVALID_KEY', `A key must be a string, not ${show(key)}`);
  }
  if (key.length > LIMITS.KEY >> 1 && textBytes(key) > LIMITS.KEY) {
    throw new Easy11Error('ERR_EASY11_INVALID_KEY', `A key may have ${LIMITS.KEY} bytes, not ${textBytes(key)}`);
  }
  return key;
}

export function checkKeys(keys: readonly string[]): void {
  if (!Array.isArray(keys)) {
    throw new Easy11Error('ERR_EASY11_INVALID_KEY', `Keys must be an array, not ${show(keys)}`);
  }
  for (const key of keys as readonly string[]) checkKey(key);
}

const SET_OPTIONS: ReadonlySet<string> = new Set(['ttl', 'tags']);

export function checkSetOptions(options: SetOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption(`Options must be an object, not ${show(options)}`);
  }
  for (const name in options) if (!SET_OPTIONS.has(name)) throw invalidOption(`There is no option ${show(name)} here`);
}

/** Tags each followed by U+0000, as engines take them. Repeated ones count once. */
export function joinTags(tags: readonly string[] | undefined): string | undefined {
  if (tags === undefined) return undefined;
  if (!Array.isArray(tags)) throw new Easy11Error('ERR_EASY11_INVALID_TAG', `tags must be an array, not ${show(tags)}`);
  const all = new Set(tags as readonly string[]);
  if (all.size > LIMITS.TAGS) {
    throw new Easy11Error('ERR_EASY11_INVALID_TAG', `At most ${LIMITS.TAGS} tags are possible, not ${all.size}`);
  }
  let joined = '';
  for (const tag of all) joined += `${checkTag(tag)}\0`;
  return joined === '' ? undefined : joined;
}

export function checkTag(tag: string): string {
  if (typeof tag !== 'string') {
    throw new Easy11Error('ERR_EASY11_INVALID_TAG', `A tag must be a string, not ${show(tag)}`);
  }
  if (tag.length === 0 || tag.length > LIMITS.TAG || tag.includes('\0') || LONE_SURROGATE.test(tag)) {
    const message = `A tag must be a well-formed string of 1 to ${LIMITS.TAG} characters without U+0000, not ${show(tag)}`;
    throw new Easy11Error('ERR_EASY11_INVALID_TAG', message);
  }
  return tag;
}
