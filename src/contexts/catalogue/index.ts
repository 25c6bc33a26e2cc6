/**
 * The catalogue: products, categories and brands. It owns their tables, and promises that every change commits together
 * with an event that carries the whole product, in the order of the product's version, without gaps.
 */
export {
  deletedProductSchema,
  PRODUCT_CREATED,
  PRODUCT_DELETED,
  PRODUCT_UPDATED,
  searchableProductSchema,
  type DeletedProduct,
  type SearchableProduct,
} from './events';
export { productFastPath, ProductDetails } from './details';
export { readCosts, streamCosts, type ProductCost } from './costs';
export { changePopularity } from './popularity';
export { catalogueRoutes, PUBLIC, type CatalogueRouteDependencies } from './routes';
export {
  knownSkus,
  readOffers,
  readPrices,
  showStock,
  showStocks,
  streamSearchableProducts,
  streamSkus,
  type CatalogueDependencies,
  type Offer,
} from './products';
export { moneySchema, skuSchema } from './schemas';
export {
  describeReport,
  FORMATS,
  importProducts,
  type Format,
  type ImportOptions,
  type ImportProgress,
  type ImportReport,
  type ImportSource,
} from './import';
export { importRetailLines, type LineOutcome, type RetailLine } from './import/online-retail-lines';
export { canGenerate, DEMO_SEED, generateDemoShop, MOST_PRODUCTS, seedDemoShop, type SeedOptions } from './demo';
