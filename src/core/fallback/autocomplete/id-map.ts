const SHARDS = 256;

/**
 * Ids to slots. A single Map of a million ids stops the process for a tenth of a second whenever it grows; its shards
 * grow one at a time.
 */
export class IdMap {
  private readonly shards: Map<string, number>[] = Array.from({ length: SHARDS }, () => new Map<string, number>());
  size = 0;

  private shardOf(id: string): Map<string, number> {
    const last = id.length - 1;
    const mixed = id.charCodeAt(last) + 37 * (id.charCodeAt(last - 1) | 0) + 101 * (id.charCodeAt(last - 2) | 0);
    return this.shards[mixed & (SHARDS - 1)] as Map<string, number>;
  }

  get(id: string): number | undefined {
    return this.shardOf(id).get(id);
  }

  set(id: string, slot: number): void {
    const shard = this.shardOf(id);
    const before = shard.size;
    shard.set(id, slot);
    this.size += shard.size - before;
  }

  delete(id: string): void {
    if (this.shardOf(id).delete(id)) this.size--;
  }
}
