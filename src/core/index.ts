/// <reference lib="esnext.disposable" preserve="true" />
/** Easy11's core library: typed faces of the native engines, with a TypeScript twin of each. */
export { AlsModel } from './als/als-model';
export type { FactorRow, FactorSource, FactorTables } from './als/factors';
export { splitInteractions, type Split, type SplitInteractions } from './als/splits';
export type { EvaluateOptions, Evaluation } from './als/evaluate';
export { evaluateAls, tuneAls } from './als/functions';
export type { Trial, TuneOptions, Tuning } from './als/tune';
export { baselineMetrics, type BaselineMetrics } from './als/baselines';
export type { Metrics } from './als/metrics';
export type {
  AlsParameters,
  AlsProgress,
  AlsStats,
  Explanation,
  FitOptions,
  History,
  Interaction,
  InteractionColumns,
  InteractionSource,
  Neighbour,
  Recommendation,
  RecommendOptions,
} from './als/types';
export { Autocomplete } from './autocomplete/autocomplete';
export type {
  AutocompleteStats,
  BuildOptions,
  Entry,
  Filter,
  HighlightRange,
  Hit,
  Progress,
  SaveOptions,
  SearchOptions,
  ShareToken,
  Synonym,
} from './autocomplete/types';
export { Cache } from './cache/cache';
export type {
  CacheOptions,
  CacheStats,
  FetchContext,
  FetchMethod,
  FetchOptions,
  GetOptions,
  SetOptions,
} from './cache/types';
export { Easy11Error, type Easy11ErrorCode } from './errors';
export { LogisticRegression } from './logistic/logistic-regression';
export type { LogisticFit, LogisticOptions, LogisticParameters } from './logistic/types';
export { RangeIndex } from './range/range-index';
export type * from './range/types';
export { SparseVectorIndex } from './vectors/sparse-vector-index';
export type {
  NearestOptions,
  NearestTarget,
  SimilarRow,
  SparseVector,
  SparseVectorOptions,
  SparseVectorStats,
  VectorColumns,
} from './vectors/types';
export { backend, type BackendReport } from './loader';
