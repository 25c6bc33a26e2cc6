-- Experiments that are shown to visitors. See docs/guides/experiments.md.

-- CreateTable
CREATE TABLE "experiments" (
    "key" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "variants" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "stopped_at" TIMESTAMPTZ(3),

    CONSTRAINT "experiments_pkey" PRIMARY KEY ("key"),
    CONSTRAINT "experiments_metric_known" CHECK ("metric" IN ('click', 'add_to_cart', 'purchase')),
    CONSTRAINT "experiments_state_known" CHECK ("state" IN ('draft', 'running', 'stopped')),
    CONSTRAINT "experiments_started_unless_draft" CHECK (("state" = 'draft') = ("started_at" IS NULL)),
    CONSTRAINT "experiments_stopped_at_the_end" CHECK (("state" = 'stopped') = ("stopped_at" IS NOT NULL))
);
