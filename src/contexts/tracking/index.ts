/**
 * Tracking: what visitors did, the sessions it makes, and the demand for products that follows from it. It owns its tables, and
 * promises that an event it acknowledged survives a crash and counts once, however often it is sent; that nothing is stored
 * without consent; and that there is no place in an event for who somebody is.
 */
export { trackedEventExport, type EventFact } from './export';
export { startTracking, type Tracking, type TrackingOptions } from './background';
export type { ChangePopularity } from './digest';
export { readDemand, readVisitor, streamInteractions, type ProductEvent } from './interactions';
export { trackingRoutes } from './routes';
export { chooseRoad, type Road } from './stream/durability';
export { countOutcomes, type VariantOutcomes } from './store/outcomes';
export type { TrackedEvent } from './schemas';
