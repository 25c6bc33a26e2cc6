/**
 * The transactional outbox: an ordered log of what happened, written in the transaction that made it happen.
 * docs/guides/events.md shows how to use it, docs/decisions/outbox.md why it is as it is.
 */
export { toCloudEvent, type CloudEvent } from './cloud-event';
export type { DeadLetter, LetterSelection } from './dead-letters';
export type { BatchHandler, EventHandler } from './deliver';
export { appendAtCommit, appendEvents, PARTITIONS, partitionOf, type OutboxEvent, type PublishedEvent } from './events';
export { BehindError, type Follower, type FollowOptions, type FollowerStatus } from './follow';
export { judgeEvents, lastVersions } from './invariants';
export type { LoopStatus } from '../loop';
export { startOutbox, type Outbox, type OutboxDependencies, type OutboxStatus } from './outbox';
export { registeredEvents, registerEvents, type EventDescription } from './registry';
export type { Positions } from './reader';
export type { SubscribeOptions, Subscription, SubscriptionStatus } from './subscribe';
