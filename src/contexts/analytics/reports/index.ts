import { funnel, promotions, searchesWithoutResults } from './behaviour';
import { couponUplift } from './coupons';
import { affinity, categories, elasticity, kpis } from './products';
import type { Report } from './report';
import { cohorts, customers, revenue, rfm, segments } from './sales';

export const REPORTS: readonly Report[] = [
  ...[kpis, revenue, customers, rfm, segments, cohorts],
  ...[funnel, searchesWithoutResults, promotions, couponUplift],
  ...[affinity, categories, elasticity],
];
