import type { Report } from './report';
import { cohorts, customers, revenue, rfm, segments } from './sales';

export const REPORTS: readonly Report[] = [revenue, customers, rfm, segments, cohorts];
