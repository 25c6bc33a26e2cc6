import { Router } from 'express';
import { requireAdmin } from '../../platform/http/admin';
import { knownId, sendNotModified, sendPage } from '../../platform/http/answers';
import { refuseOtherMethods } from '../../platform/http/methods';
import { parse } from '../../platform/http/problem';
import type { Log } from '../../platform/log';
import { adminRoutes } from './admin-routes';
import { browseBrands } from './brands';
import { browseCategories } from './categories';
import type { ProductDetails } from './details';
import './openapi';
import { productPicture } from './pictures';
import { browseProducts, readProduct, type CatalogueDependencies } from './products';
import { productIdSchema, productQuerySchema } from './schemas';

export interface CatalogueRouteDependencies extends CatalogueDependencies {
  readonly log: Log;
  /** Keeps what was read, for the fast path ahead of these routes. */
  readonly details?: Pick<ProductDetails, 'keep' | 'forget'>;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
}

/** Shared caches may keep the catalogue for a minute, and show it for four more while they fetch it again. */
export const PUBLIC = 'public, max-age=60, stale-while-revalidate=240';
/** A picture changes only with its product's name or category. */
const PICTURE = 'public, max-age=86400, stale-while-revalidate=604800';

/** /v1/products, /v1/categories, /v1/brands, /media/products and the back office of all three. */
export function catalogueRoutes(deps: CatalogueRouteDependencies): Router {
  const { database } = deps;
  const router = Router();
  router.get('/v1/products', async (req, res) => {
    const query = parse(productQuerySchema, req.query, 'The query');
    sendPage(req, res, await browseProducts(database, query), PUBLIC);
  });
  router.get('/v1/products/:id', async (req, res) => {
    const product = await readProduct(database, knownId(req.params.id, productIdSchema));
    deps.details?.keep(product);
    if (!sendNotModified(req, res, product.version, PUBLIC)) res.json(product);
  });
  router.get('/v1/categories', async (_req, res) => {
    res.set('Cache-Control', PUBLIC).json({ data: await browseCategories(database) });
  });
  router.get('/v1/brands', async (_req, res) => {
    res.set('Cache-Control', PUBLIC).json({ data: await browseBrands(database) });
  });
  router.get('/media/products/:file', async (req, res) => {
    // Drafts have pictures too: the back office shows them, and the id is not to be guessed.
    const product = await readProduct(database, knownId(req.params.file.replace(/\.svg$/, ''), productIdSchema), true);
    if (sendNotModified(req, res, product.version, PICTURE)) return;
    res.type('image/svg+xml').send(productPicture({ name: product.name, path: product.category?.path ?? '' }));
  });
  router.use('/v1/admin', requireAdmin(deps.adminToken), adminRoutes(deps));
  refuseOtherMethods(router);
  return router;
}
