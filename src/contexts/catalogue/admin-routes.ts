import express, { Router, type Request } from 'express';
import { bodyOf, knownId, PRIVATE, sendNotModified, sendPage } from '../../platform/http/answers';
import { ifMatchVersion, versionTag } from '../../platform/http/etag';
import { joinTransaction } from '../../platform/database';
import { only, refuseOtherMethods } from '../../platform/http/methods';
import { parse } from '../../platform/http/problem';
import { idempotent } from '../../platform/idempotency';
import { createBrand, removeBrand, renameBrand } from './brands';
import { changeCategory, createCategory, removeCategory } from './categories';
import type { ProductDetails } from './details';
import { importProducts } from './import';
import { fileOf, formatOf } from './upload';
import {
  browseProductsInside,
  changeProduct,
  createProduct,
  readProductInside,
  removeProduct,
  type CatalogueDependencies,
} from './products';
import {
  adminProductQuerySchema,
  brandIdSchema,
  categoryChangeSchema,
  categoryIdSchema,
  newBrandSchema,
  newCategorySchema,
  newProductSchema,
  productChangeSchema,
  productIdSchema,
} from './schemas';

export interface AdminDependencies extends CatalogueDependencies {
  /** Told at once of what changed here, so that who changes a product and then reads it sees the change. */
  readonly details?: Pick<ProductDetails, 'forget'>;
}

/** The back office of the catalogue. Who may enter is decided by whoever mounts it. */
export function adminRoutes(deps: AdminDependencies): Router {
  const { database, details } = deps;
  const router = Router();
  router.use((_req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    next();
  });
  router
    .route('/products/import')
    .post(async (req, res) => {
      const format = formatOf(req);
      res.json(await importProducts(deps, { format, input: fileOf(req), signal: gone(req) }));
    })
    .all(only('POST')); // else it would be a product with the id "import"
  router.use(express.json({ limit: '200kb' }));

  router.get('/products', async (req, res) => {
    const query = parse(adminProductQuerySchema, req.query, 'The query');
    sendPage(req, res, await browseProductsInside(database, query), PRIVATE);
  });
  router.get('/products/:id', async (req, res) => {
    const product = await readProductInside(database, knownId(req.params.id, productIdSchema));
    if (!sendNotModified(req, res, product.version, PRIVATE)) res.json(product);
  });
  router.post(
    '/products',
    idempotent(database, 'accepted', (req) => {
      const input = parse(newProductSchema, bodyOf(req), 'The product');
      return async (client) => {
        const product = await createProduct({ ...deps, database: joinTransaction(database, client) }, input);
        const headers = { Location: `/v1/products/${product.id}`, ETag: versionTag(product.version) };
        return { status: 201, headers, body: product };
      };
    }),
  );
  router.patch('/products/:id', async (req, res) => {
    const expected = ifMatchVersion(req);
    const change = parse(productChangeSchema, bodyOf(req), 'The change');
    const product = await changeProduct(deps, knownId(req.params.id, productIdSchema), expected, defined(change));
    details?.forget(product.id, product.version);
    res.set('ETag', versionTag(product.version)).json(product);
  });
  router.delete('/products/:id', async (req, res) => {
    const id = knownId(req.params.id, productIdSchema);
    await removeProduct(database, id, ifMatchVersion(req));
    details?.forget(id, Number.MAX_SAFE_INTEGER);
    res.status(204).end();
  });

  router.post(
    '/categories',
    idempotent(database, 'accepted', (req) => {
      const input = parse(newCategorySchema, bodyOf(req), 'The category');
      return async (client) => {
        const category = await createCategory(joinTransaction(database, client), input);
        return { status: 201, headers: { ETag: versionTag(category.version) }, body: category };
      };
    }),
  );
  router.patch('/categories/:id', async (req, res) => {
    const expected = ifMatchVersion(req);
    const change = parse(categoryChangeSchema, bodyOf(req), 'The change');
    const category = await changeCategory(
      database,
      knownId(req.params.id, categoryIdSchema),
      expected,
      defined(change),
    );
    res.set('ETag', versionTag(category.version)).json(category);
  });
  router.delete('/categories/:id', async (req, res) => {
    await removeCategory(database, knownId(req.params.id, categoryIdSchema), ifMatchVersion(req));
    res.status(204).end();
  });

  router.post(
    '/brands',
    idempotent(database, 'accepted', (req) => {
      const input = parse(newBrandSchema, bodyOf(req), 'The brand');
      return async (client) => {
        const brand = await createBrand(joinTransaction(database, client), input);
        return { status: 201, headers: { ETag: versionTag(brand.version) }, body: brand };
      };
    }),
  );
  router.patch('/brands/:id', async (req, res) => {
    const expected = ifMatchVersion(req);
    const change = parse(newBrandSchema, bodyOf(req), 'The change');
    const brand = await renameBrand(database, knownId(req.params.id, brandIdSchema), expected, change);
    res.set('ETag', versionTag(brand.version)).json(brand);
  });
  router.delete('/brands/:id', async (req, res) => {
    await removeBrand(database, knownId(req.params.id, brandIdSchema), ifMatchVersion(req));
    res.status(204).end();
  });
  refuseOtherMethods(router);
  return router;
}

/** Aborts when the client goes away before everything is read and done. */
function gone(req: Request): AbortSignal {
  const controller = new AbortController();
  req.res?.once('close', () => {
    if (!req.res?.writableFinished) controller.abort(new Error('The client went away'));
  });
  return controller.signal;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are undefined: to leave a field out and to say undefined is the same in a change. */
function defined<T extends object>(change: T): Defined<T> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as Defined<T>;
}
