/**
 * Analytics: what the numbers mean. So far it owns one thing: the lines of orders from before this shop, which files bring. It
 * promises that a line is there once however often its file is imported, and that two lines that are alike are two.
 */
export { PastOrders, readHistory, type NewPastOrderLine, type PastOrderLine } from './past-orders';
