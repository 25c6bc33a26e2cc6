import { defineConfig } from 'prisma/config';

/** Read by Prisma's own command line only. The application migrates by itself: docs/decisions/prisma-recipe.md. */
export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
