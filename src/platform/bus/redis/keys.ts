/** Names in Redis. All begin with the shop's prefix (EASY11_REDIS_PREFIX), so that shops can share a server. */
export interface Keys {
  /** The stream of a partition; an entry's id is `<position>-0`. */
  stream(partition: number): string;
}

export function keysOf(prefix: string): Keys {
  return {
    stream: (partition) => `${prefix}:events:${partition}`,
  };
}
