/**
 * The bus: committed events leave the shop for other processes. The shop's own contexts do not depend on it, they follow
 * the outbox. docs/guides/events.md shows how to use it, docs/decisions/bus.md why it is as it is.
 */
export { startForwarder, type Forwarder, type ForwarderStatus } from './forward';
export type { BusHandler } from './inbox';
export { kafkaPublisher, type KafkaOptions } from './kafka/publisher';
export type { EventPublisher, Publication } from './port';
export { openBroadcast, type Broadcast } from './redis/broadcast';
export { openRedis } from './redis/connection';
export {
  subscribeToBus,
  type BusReaderDependencies,
  type BusSubscribeOptions,
  type BusSubscription,
  type BusSubscriptionStatus,
} from './redis/consumer';
export { guardLetters } from './redis/guarded-letters';
export { busLetters, type BusLetters } from './redis/letters';
export { BusOwnedError, redisPublisher } from './redis/publisher';
