-- What visitors did, what follows from it for sessions and demand. See docs/guides/tracking.md.

-- CreateTable
-- A partition holds the ids of one day (UUIDv7 begins with the time), so a primary key on the id alone keeps an event from being
-- stored twice, whenever it is sent again.
CREATE TABLE "tracking_events" (
    "id" UUID NOT NULL,
    "batch" BIGINT NOT NULL,
    "type" TEXT COLLATE "C" NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "visitor_id" UUID NOT NULL,
    "product_id" UUID,
    "order_id" UUID,
    "query" TEXT,
    "results" INTEGER,
    "position" INTEGER,
    "quantity" INTEGER,
    "slot" TEXT COLLATE "C",
    "experiment" TEXT COLLATE "C",
    "variant" TEXT COLLATE "C",

    CONSTRAINT "tracking_events_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "tracking_events_type_known" CHECK ("type" IN ('view', 'search', 'click', 'add_to_cart', 'purchase', 'exposure'))
) PARTITION BY RANGE ("id");

-- CreateTable
CREATE TABLE "tracking_batches" (
    "id" BIGSERIAL NOT NULL,

    CONSTRAINT "tracking_batches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tracking_sessions" (
    "visitor_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,
    "views" INTEGER NOT NULL,
    "searches" INTEGER NOT NULL,
    "clicks" INTEGER NOT NULL,
    "adds" INTEGER NOT NULL,
    "purchases" INTEGER NOT NULL,
    "exposures" INTEGER NOT NULL,

    CONSTRAINT "tracking_sessions_pkey" PRIMARY KEY ("visitor_id", "started_at"),
    CONSTRAINT "tracking_sessions_forwards" CHECK ("ended_at" >= "started_at")
);

-- CreateTable
CREATE TABLE "tracking_demand" (
    "product_id" UUID NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "base" DOUBLE PRECISION,
    "shown" DOUBLE PRECISION,

    CONSTRAINT "tracking_demand_pkey" PRIMARY KEY ("product_id"),
    CONSTRAINT "tracking_demand_not_negative" CHECK ("score" >= 0),
    CONSTRAINT "tracking_demand_shown_over_base" CHECK (("base" IS NULL) = ("shown" IS NULL))
);

-- CreateIndex
-- Equal keys at the right end of the tree: kept once, and found without a search.
CREATE INDEX "tracking_events_batch_idx" ON "tracking_events"("batch");
