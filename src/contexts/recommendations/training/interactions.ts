import type { InteractionColumns } from '../../../core';
import { decay } from '../rules';
import type { RecommendationSettings } from '../settings';
import type { SourceInteraction } from '../types';
import type { KnownProducts } from './known-products';

const FIRST_ROOM = 1 << 14;
const DAY_MS = 86_400_000;
/** Interactions between two words of how far it is. */
const TOLD = 5_000;

/** Interactions in columns, with products as the catalogue has them. Grows as they come. */
export class Interactions {
  readonly userIds: string[] = [];
  readonly itemIds: string[] = [];
  users = new Uint32Array(FIRST_ROOM);
  items = new Uint32Array(FIRST_ROOM);
  weights = new Float32Array(FIRST_ROOM);
  times = new Float64Array(FIRST_ROOM);
  count = 0;
  /** Interactions with products that the catalogue does not have. */
  passedOver = 0;
  since = Infinity;
  until = -Infinity;
  readonly #userNumbers = new Map<string, number>();
  readonly #itemNumbers = new Map<string, number>();

  add(user: string, item: string, weight: number, at: number): void {
    if (this.count === this.users.length) this.#grow();
    const e = this.count++;
    this.users[e] = numberOf(user, this.#userNumbers, this.userIds);
    this.items[e] = numberOf(item, this.#itemNumbers, this.itemIds);
    this.weights[e] = weight;
    this.times[e] = at;
    this.since = Math.min(this.since, at);
    this.until = Math.max(this.until, at);
  }

  /** Those that pass, as the engine takes them. Weights have faded by their age at the end of all. */
  columns(halfLifeDays: number, keep: (e: number) => boolean = () => true): InteractionColumns {
    const count = this.count;
    const [users, items, weights] = [new Uint32Array(count), new Uint32Array(count), new Float32Array(count)];
    const [ofUsers, ofItems] = [new Renumbered(this.userIds), new Renumbered(this.itemIds)];
    let kept = 0;
    for (let e = 0; e < count; e++) {
      if (!keep(e)) continue;
      users[kept] = ofUsers.number(this.users[e] as number);
      items[kept] = ofItems.number(this.items[e] as number);
      const faded = decay(this.until - (this.times[e] as number), halfLifeDays * DAY_MS);
      weights[kept++] = (this.weights[e] as number) * faded;
    }
    return {
      userIds: ofUsers.ids,
      itemIds: ofItems.ids,
      users: users.subarray(0, kept),
      items: items.subarray(0, kept),
      weights: weights.subarray(0, kept),
    };
  }

  #grow(): void {
    const room = 2 * this.count;
    const [users, items] = [new Uint32Array(room), new Uint32Array(room)];
    const [weights, times] = [new Float32Array(room), new Float64Array(room)];
    users.set(this.users);
    items.set(this.items);
    weights.set(this.weights);
    times.set(this.times);
    [this.users, this.items, this.weights, this.times] = [users, items, weights, times];
  }
}

function numberOf(id: string, numbers: Map<string, number>, ids: string[]): number {
  let number = numbers.get(id);
  if (number === undefined) {
    number = ids.push(id) - 1;
    numbers.set(id, number);
  }
  return number;
}

/** Numbers anew, in the order in which they come, what has numbers already. */
class Renumbered {
  readonly ids: string[] = [];
  /** The new number + 1, or 0. */
  readonly #numbers: Uint32Array;

  constructor(private readonly names: readonly string[]) {
    this.#numbers = new Uint32Array(names.length);
  }

  number(old: number): number {
    const known = this.#numbers[old] as number;
    if (known > 0) return known - 1;
    this.#numbers[old] = this.ids.push(this.names[old] as string);
    return this.ids.length - 1;
  }
}

/** Reads what there is to learn from. Weights are those of the kinds of events. */
export async function gather(
  source: AsyncIterable<SourceInteraction>,
  known: Pick<KnownProducts, 'idOf'>,
  { events }: Pick<RecommendationSettings, 'events'>,
  onProgress: (done: number) => void = () => undefined,
): Promise<Interactions> {
  const found = new Interactions();
  for await (const { user, product, kind, at } of source) {
    const id = known.idOf(product);
    if (id === undefined) found.passedOver++;
    else if (events[kind] > 0) found.add(user, id, events[kind], at);
    if ((found.count + found.passedOver) % TOLD === 0) onProgress(found.count);
  }
  return found;
}
