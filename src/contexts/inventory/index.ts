/**
 * Inventory: warehouses, what lies in them, and what of it is held for somebody. It owns their tables, and promises that no
 * unit is ever held twice: `0 <= reserved <= on_hand` for every sku in every warehouse, whatever runs at once or dies
 * halfway. Each change of a sku's stock commits together with an event of the sku's own version.
 */
export { STOCK_CHANGED, stockChangedSchema, type StockChanged } from './events';
export { inventoryRoutes, type InventoryRouteDependencies } from './routes';
export {
  commitReservation,
  holdBaskets,
  holdStock,
  readReservation,
  releaseReservation,
  reserveStock,
  type ReservationRequest,
} from './reservations';
export { findReservationStates, judgeStock } from './store/invariants';
export { readAvailability } from './stock';
export { startInventory, type Inventory } from './background';
export { seedDemoStock } from './demo';
export { reservationSchema, type ReservationView } from './schemas';
