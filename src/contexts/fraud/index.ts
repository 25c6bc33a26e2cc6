/**
 * Fraud: what is thought of an order before it is paid for, and what a person decides where a machine should not. It owns its
 * tables, and promises that an order is assessed once: whoever asks again gets the same answer, until a person changes it.
 */
export { assessOrder, readAssessment, withdrawReview, type Assessment } from './assessments';
export { FRAUD_REVIEW_DECIDED, reviewDecidedSchema } from './events';
export { fraudRoutes, type FraudRouteDependencies } from './routes';
export { DEFAULT_RULES, scoreByRules, type FraudRules, type Scorer, type Signals } from './rules';
