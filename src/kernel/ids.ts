import { v7 } from 'uuid';

/** What an id belongs to: the prefix that a person sees in a log. */
export type IdPrefix =
  | 'prd'
  | 'cat'
  | 'brd'
  | 'evt'
  | 'cus'
  | 'crt'
  | 'ord'
  | 'pay'
  | 'rsv'
  | 'req'
  | 'whs'
  | 'prl'
  | 'fxs'
  | 'quo'
  | 'rfd'
  | 'rcn'
  | 'rvw'
  | 'cpn'
  | 'hox'
  | 'dsp';

/** A new id: prefix and UUIDv7 (RFC 9562), so ids of one kind sort by time of creation. Opaque to clients. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${v7()}`;
}
