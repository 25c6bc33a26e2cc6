import type { Money } from '../../../src/kernel/money';
import type { Product } from '../api/types';

/** What the back office answers, as far as it is shown here. */

export interface Report<Row> {
  readonly data: readonly Row[];
  readonly page: { readonly next: string | null; readonly hasMore: boolean };
  readonly run: { readonly id: string; readonly publishedAt: string; readonly dataUntil: string | null } | null;
  readonly note: string | null;
}

/** A product with what only the back office may know. */
export interface AdminProduct extends Product {
  readonly status: 'draft' | 'active' | 'archived';
  readonly version: number;
  /** What the shop pays for it; null where nobody has said. */
  readonly cost: Money | null;
}

export interface AdminProductPage {
  readonly data: readonly AdminProduct[];
  readonly page: { readonly next: string | null; readonly hasMore: boolean };
}

export interface RevenueRow {
  readonly day?: string;
  readonly month?: string;
  readonly orders: number;
  readonly customers: number;
  readonly units: number;
  readonly revenue: Money;
  readonly refunded: Money;
  readonly net: Money;
  readonly guestOrders: number;
  readonly guestRevenue: Money;
  readonly guestRefunded: Money;
}

export interface SegmentRow {
  readonly segment: string;
  readonly customers: number;
  readonly share: number;
  readonly monetary: Money;
  readonly recencyDays: number;
  readonly frequency: number;
}

export interface CohortRow {
  readonly cohort: string;
  readonly offsetMonths: number;
  readonly customers: number;
  readonly active: number;
  readonly retention: number;
}

export interface ServedModel {
  readonly id: string;
  readonly version: number;
  readonly stage: string;
  readonly skill: number;
  readonly verdict: string;
  readonly from: string;
  readonly through: string;
  readonly remarks: readonly string[];
}

interface Served {
  readonly model: ServedModel | null;
  readonly note: string | null;
}

export interface LifetimeValues extends Served {
  readonly summary: {
    readonly customers: number;
    readonly horizonDays: number;
    readonly totalValue: Money;
    readonly meanProbabilityAlive: number;
    readonly deciles: readonly {
      readonly decile: number;
      readonly customers: number;
      readonly value: Money;
      readonly share: number;
    }[];
  } | null;
  readonly data: readonly {
    readonly customer: string;
    readonly value: Money;
    readonly probabilityAlive: number;
    readonly expectedPurchases: number;
    readonly expectedSpend: Money;
  }[];
}

export interface Decile {
  readonly decile: number;
  readonly customers: number;
  readonly meanProbability: number;
  readonly actualRate: number;
  readonly lift: number;
  readonly captured: number;
}

export interface Churn extends Served {
  readonly metrics: {
    readonly areaUnderCurve: number;
    readonly areaUnderCurveOfRecency: number;
    readonly brier: number;
    readonly brierOfRate: number;
    readonly testedAt: string;
    readonly testedOn: number;
    readonly deciles: readonly Decile[];
  } | null;
  readonly summary: {
    readonly customers: number;
    readonly aheadDays: number;
    readonly expectedToChurn: number;
    readonly bands: readonly { readonly from: number; readonly to: number; readonly customers: number }[];
  } | null;
  readonly data: readonly { readonly customer: string; readonly probability: number; readonly daysSinceLast: number }[];
}

interface ForecastErrors {
  readonly meanAbsolutePercentageError: number;
  readonly weightedAbsolutePercentageError: number;
}

export interface Forecast extends Served {
  readonly metrics: {
    readonly origins: number;
    readonly model: ForecastErrors;
    readonly seasonalNaive: ForecastErrors;
    readonly coverage80: number;
    readonly coverage95: number;
  } | null;
  readonly data: readonly {
    readonly date: string;
    readonly amount: Money;
    readonly lower80: Money;
    readonly upper80: Money;
    readonly lower95: Money;
    readonly upper95: Money;
  }[];
}

export interface Model {
  readonly id: string;
  readonly kind: string;
  readonly version: number;
  readonly stage: string;
  readonly skill: number;
  readonly verdict: string;
  readonly source: string;
  readonly createdAt: string;
}

export interface Training {
  readonly id: string;
  readonly state: string;
  readonly progress: string;
  readonly error: string | null;
  readonly outcomes: readonly { readonly kind: string; readonly verdict: string }[];
  readonly queuedAt: string;
}

export interface Run {
  readonly id: string;
  readonly state: string;
  readonly trigger: string;
  readonly progress: string;
  readonly error: string | null;
  readonly queuedAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly models: readonly unknown[];
}

export interface Alert {
  readonly id: number;
  readonly model: string;
  readonly test: string;
  readonly detail: string;
  readonly seenAt: string;
  readonly resolvedAt: string | null;
}

export interface Lineage {
  readonly nodes: readonly {
    readonly name: string;
    readonly kind: string;
    readonly description: string;
    readonly state: string;
    readonly rows: number | null;
    readonly tests: readonly { readonly test: string; readonly state: string }[];
  }[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export interface DeadLetter {
  readonly id: string;
  readonly group: string;
  readonly aggregate: string;
  readonly type: string;
  readonly state: string;
  readonly attempts: number;
  readonly error: string | null;
}

export interface Saga {
  readonly id: string;
  readonly kind: string;
  readonly orderId: string;
  readonly step: string;
  readonly attempts: number;
  readonly error: string | null;
  readonly stepSince: string;
}

export interface FunnelRow {
  readonly sessions: number;
  readonly viewed: number;
  readonly added: number;
  readonly purchased: number;
}

export interface SearchRow {
  readonly query: string;
  readonly searches: number;
  readonly visitors: number;
  readonly lastDay: string;
}

export interface CategoryRow {
  readonly category: string;
  readonly role: string;
  readonly revenue: Money;
  readonly share: number;
  readonly growth: number | null;
  readonly customers: number;
  readonly penetration: number;
}

export interface CouponUpliftRow {
  readonly couponId: string;
  readonly code: string;
  readonly treated: number;
  readonly heldOut: number;
  readonly treatedConversion: number | null;
  readonly heldOutConversion: number | null;
  readonly uplift: number | null;
  readonly upliftLow: number | null;
  readonly upliftHigh: number | null;
  readonly treatedRevenue: Money | null;
  readonly treatedRevenuePerShopper: Money | null;
  readonly heldOutRevenuePerShopper: Money | null;
  readonly discount: Money | null;
  readonly net: Money | null;
  readonly netLow: Money | null;
  readonly netHigh: Money | null;
  readonly sampleRatioMismatch: boolean;
}

export interface PairRow {
  readonly antecedent: string;
  readonly consequent: string;
  readonly baskets: number;
  readonly confidence: number;
  readonly lift: number;
}

interface Figures {
  readonly recall20: number;
  readonly ndcg10: number;
  readonly ndcg100: number;
}

/** A version of what recommendations are made with. */
export interface RecommendationModel {
  readonly version: number;
  readonly state: string;
  readonly note: string;
  readonly requestedBy: string;
  readonly progress: { readonly phase: string; readonly done: number; readonly total: number | null } | null;
  readonly data: { readonly interactions: number; readonly users: number; readonly products: number } | null;
  readonly evaluation: {
    readonly users: number;
    readonly model: Figures | null;
    readonly mostPopular: Figures | null;
    readonly itemCosine: Figures | null;
  } | null;
  readonly requestedAt: string;
  readonly trainedAt: string | null;
}

export interface Experiment {
  readonly key: string;
  readonly name: string;
  readonly metric: string;
  readonly variants: readonly { readonly key: string; readonly weight: number }[];
  readonly state: string;
  readonly version: number;
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
}

interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface ExperimentVariant {
  readonly key: string;
  readonly exposed: number;
  readonly converted: number;
  readonly rate: number | null;
  readonly interval: Interval | null;
  readonly difference: (Interval & { readonly estimate: number }) | null;
}

export interface ExperimentResults {
  readonly experiment: Experiment;
  readonly countedFrom: string | null;
  readonly countedUntil: string | null;
  readonly level: number;
  readonly variants: readonly ExperimentVariant[];
  readonly sawSeveral: number;
  readonly sampleRatio: { readonly pValue: number; readonly mismatch: boolean } | null;
  readonly notes: readonly string[];
}

export interface Dispute {
  readonly id: string;
  readonly orderId: string;
  readonly status: string;
  readonly amount: Money;
  readonly reason: string;
  readonly respondBy: string | null;
  readonly createdAt: string;
}
