-- The way of events and orders into the archive, the runs of the models, and what they publish. See docs/guides/analytics.md.

-- AlterTable
-- Lines from before have no price of one, and are all of the batch ''.
ALTER TABLE "past_order_lines" ADD COLUMN     "batch" TEXT COLLATE "C" NOT NULL DEFAULT '',
ADD COLUMN     "unit_price" DECIMAL(20,6);

-- CreateIndex
CREATE INDEX "past_order_lines_batch_idx" ON "past_order_lines"("batch");

-- CreateTable
CREATE TABLE "analytics_exports" (
    "dataset" TEXT COLLATE "C" NOT NULL,
    "key" TEXT COLLATE "C" NOT NULL,
    "part" BIGINT,

    CONSTRAINT "analytics_exports_pkey" PRIMARY KEY ("dataset", "key")
);

-- CreateIndex
CREATE INDEX "analytics_exports_part_idx" ON "analytics_exports"("part");

-- CreateTable
CREATE TABLE "analytics_parts" (
    "id" BIGSERIAL NOT NULL,
    "dataset" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'writing',
    "rows" BIGINT NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "written_at" TIMESTAMPTZ(3),

    CONSTRAINT "analytics_parts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "analytics_parts_state_known" CHECK ("state" IN ('writing', 'written'))
);

-- CreateIndex
CREATE INDEX "analytics_parts_state_idx" ON "analytics_parts"("state");

-- CreateTable
CREATE TABLE "analytics_archive" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "archive" TEXT NOT NULL,

    CONSTRAINT "analytics_archive_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "analytics_archive_one" CHECK ("id" = 1)
);

-- CreateTable
CREATE TABLE "analytics_runs" (
    "id" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "trigger" TEXT NOT NULL,
    "progress" TEXT NOT NULL DEFAULT '',
    "error" TEXT,
    "models" JSONB NOT NULL DEFAULT '[]',
    "exported" JSONB NOT NULL DEFAULT '{}',
    "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "analytics_runs_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "analytics_runs_state_known" CHECK ("state" IN ('queued', 'running', 'succeeded', 'failed')),
    CONSTRAINT "analytics_runs_trigger_known" CHECK ("trigger" IN ('schedule', 'admin', 'command'))
);

-- CreateIndex
-- Who asks for a run while one waits gets that one.
CREATE UNIQUE INDEX "analytics_runs_one_queued" ON "analytics_runs"("state") WHERE "state" = 'queued';

-- CreateTable
CREATE TABLE "analytics_marts" (
    "name" TEXT COLLATE "C" NOT NULL,
    "run_id" TEXT COLLATE "C" NOT NULL,
    "file" TEXT NOT NULL,
    "rows" BIGINT NOT NULL,
    "data_until" TIMESTAMP(3),
    "published_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "analytics_marts_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "analytics_alerts" (
    "id" BIGSERIAL NOT NULL,
    "model" TEXT COLLATE "C" NOT NULL,
    "test" TEXT NOT NULL,
    "detail" TEXT NOT NULL,
    "run_id" TEXT COLLATE "C" NOT NULL,
    "raised_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "analytics_alerts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
-- The same test that fails again is the same alert.
CREATE UNIQUE INDEX "analytics_alerts_one_open" ON "analytics_alerts"("model", "test") WHERE "resolved_at" IS NULL;

-- What there is already is on its way into the archive too.
INSERT INTO "analytics_exports" ("dataset", "key")
SELECT 'past_order_lines', '' WHERE EXISTS (SELECT FROM "past_order_lines");
INSERT INTO "analytics_exports" ("dataset", "key") SELECT 'order_lines', "id" FROM "orders";
