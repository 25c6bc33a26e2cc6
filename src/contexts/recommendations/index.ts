/**
 * Recommendations: what somebody may like, with the reason. It owns the versions of its model and its weights, and reads everything
 * else: products from the catalogue, what people did from what is handed in. It promises an answer to anybody as soon as the
 * catalogue has been read, never an empty one where the shop has something to show; that what a visitor did counts in the next
 * answer of the process that heard it; and that a version that measured worse does not answer unless a person makes it.
 */
export { startRecommendations, type Recommendations, type RecommendationsOptions } from './background';
export { recommendationRoutes } from './routes';
export { customerKey } from './rules';
export type { RecommendationQuery, RecommendationsAnswer } from './schemas';
export type { TrainingSources } from './training/training';
export { serveTraining } from './training/worker';
export type { Bought, HeardEvent, InteractionKind, SourceInteraction, Sources } from './types';
