import type { NumberArray } from './table';
import * as sizes from './sizes';

// Constants of one's own: loaded by tsx, a use of an import calls two getters.
const { TOP } = sizes;

/** The best rows of every node of a level by one score: (value descending, id ascending). */
export interface TopLists {
  readonly size: Uint8Array;
  readonly ids: Uint32Array;
  readonly values: Float64Array;
}

/** Lists for `nodes` nodes. */
export function newTopLists(nodes: number): TopLists {
  return {
    size: new Uint8Array(nodes),
    ids: new Uint32Array(nodes * TOP),
    values: new Float64Array(nodes * TOP),
  };
}

export function better(value: number, id: number, otherValue: number, otherId: number): boolean {
  return value > otherValue || (value === otherValue && id < otherId);
}

/** Puts a row in its place in a node's list. False when it is not good enough. */
export function offer({ size, ids, values }: TopLists, node: number, value: number, id: number): boolean {
  const first = node * TOP;
  const full = size[node] === TOP;
  const last = first + TOP - 1;
  if (full && !better(value, id, values[last] as number, ids[last] as number)) return false;
  let at = full ? last : first + (size[node] as number);
  if (!full) size[node] = (size[node] as number) + 1;
  for (; at > first && better(value, id, values[at - 1] as number, ids[at - 1] as number); at--) {
    values[at] = values[at - 1] as number;
    ids[at] = ids[at - 1] as number;
  }
  values[at] = value;
  ids[at] = id;
  return true;
}

/** Takes a row out. 'full' when the list was: then the row behind its last one is not in it, and nothing is changed. */
export function takeOut({ size, ids, values }: TopLists, node: number, id: number): 'taken' | 'absent' | 'full' {
  const first = node * TOP;
  const end = first + (size[node] as number);
  let at = first;
  while (at < end && ids[at] !== id) at++;
  if (at === end) return 'absent';
  if (end - first === TOP) return 'full';
  ids.copyWithin(at, at + 1, end);
  values.copyWithin(at, at + 1, end);
  size[node] = end - first - 1;
  return 'taken';
}

/** The list of a leaf anew: rows begin..end of `rows`, with their scores by id. */
export function listRows(
  top: TopLists,
  leaf: number,
  rows: Uint32Array,
  begin: number,
  end: number,
  scores: NumberArray,
  none: number,
): void {
  top.size[leaf] = 0;
  for (let i = begin; i < end; i++) {
    const id = rows[i] as number;
    const value = scores[id] as number;
    if (value < none) offer(top, leaf, value, id);
  }
}

/** The list of a node anew, from those of nodes begin..end of the level below. */
export function mergeLists(top: TopLists, node: number, below: TopLists, begin: number, end: number): void {
  top.size[node] = 0;
  for (let child = begin; child < end; child++) {
    const last = child * TOP + (below.size[child] as number);
    for (let i = child * TOP; i < last; i++) {
      if (!offer(top, node, below.values[i] as number, below.ids[i] as number)) break;
    }
  }
}
