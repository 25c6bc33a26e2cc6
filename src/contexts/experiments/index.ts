/**
 * Experiments: which variant of something a visitor sees, and what came of it. It owns its table, and promises that a visitor sees
 * the same variant for as long as an experiment runs, that variants and metric are not changed once it has begun, and that results
 * say how far they can be trusted.
 */
export { experimentRoutes, type ExperimentRouteDependencies } from './routes';
export type { CountOutcomes, Outcomes } from './experiments';
export { METRICS, type Metric } from './rules';
