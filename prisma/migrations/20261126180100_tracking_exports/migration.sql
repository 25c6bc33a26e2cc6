-- Writes of events that are not in the archive yet. See docs/guides/analytics.md.

-- CreateTable
CREATE TABLE "tracking_exports" (
    "batch" BIGINT NOT NULL,
    "part" BIGINT,

    CONSTRAINT "tracking_exports_pkey" PRIMARY KEY ("batch")
);

-- CreateIndex
CREATE INDEX "tracking_exports_part_idx" ON "tracking_exports"("part");

-- What there is already is on its way into the archive too.
INSERT INTO "tracking_exports" ("batch") SELECT DISTINCT "batch" FROM "tracking_events";
