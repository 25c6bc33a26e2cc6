/**
 * Analytics: what the numbers mean. It owns the lines of orders from before this shop, the archive of events and orders in Parquet,
 * and the models over it. It promises that a line is there once however often its file is imported, and that two lines that are
 * alike are two; that what was stored is in the archive once, whatever dies on the way; that a mart whose tests fail is not
 * published, and the one before goes on being served; that its work is done in a process or a thread of its own, beside the shop;
 * and that of each kind of predictive model one is in production, which none replaces by itself that did worse on days that it had
 * not seen.
 */
export { startAnalytics, type Analytics, type AnalyticsOptions } from './analytics';
export { DATASETS } from './archive/datasets';
export {
  exposureSource,
  holdoutSource,
  orderSource,
  pastOrderSource,
  refundSource,
  type ArchiveSource,
} from './archive/export';
export { streamPastPurchases, type PastPurchase } from './past-purchases';
export { PastOrders, readHistory, type NewPastOrderLine, type PastOrderLine } from './past-orders';
export { serveWorker, startAnalyticsProcess, type AnalyticsProcess, type WorkerSettings } from './process';
export { startPredictions, type Predictions, type PredictionsOptions } from './predictive/predictions';
export { predictionRoutes } from './predictive/routes';
export { analyticsRoutes } from './routes';
export { enqueueRun, listAlerts, listMarts, listRuns, type Mart, type Run } from './store/runs';
export { AnalyticsWorker } from './worker';
