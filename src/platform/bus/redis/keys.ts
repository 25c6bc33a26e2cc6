/** Names in Redis. All begin with the shop's prefix (EASY11_REDIS_PREFIX), so that shops can share a server. */
export interface Keys {
  /** The stream of a partition; an entry's id is `<position>-0`. */
  stream(partition: number): string;
  /** Which database's events the streams hold. */
  readonly owner: string;
  /** A hash: groups, and the stream of the dead letters of each. */
  readonly groups: string;
  /** Who may read a partition for a group. */
  lease(group: string, partition: number): string;
  /** A sorted set: the processes of a group, by when they were last seen. */
  members(group: string): string;
  /** The dead letters of a group, unless it names another stream. */
  dead(group: string): string;
  /** A set: the aggregates of a group that have dead letters. */
  parked(group: string): string;
  /** A set: parked aggregates that somebody wants tried again. */
  replay(group: string): string;
  /** A hash: failed attempts by event. */
  attempts(group: string): string;
  /** A hash: what a replay of a dead letter came to, by its entry. */
  failures(group: string): string;
}

export function keysOf(prefix: string): Keys {
  const of = (what: string, group: string): string => `${prefix}:${what}:${group}`;
  return {
    stream: (partition) => `${prefix}:events:${partition}`,
    owner: `${prefix}:owner`,
    groups: `${prefix}:groups`,
    lease: (group, partition) => `${prefix}:lease:${group}:${partition}`,
    members: (group) => of('members', group),
    dead: (group) => of('dead', group),
    parked: (group) => of('parked', group),
    replay: (group) => of('replay', group),
    attempts: (group) => of('attempts', group),
    failures: (group) => of('failures', group),
  };
}
