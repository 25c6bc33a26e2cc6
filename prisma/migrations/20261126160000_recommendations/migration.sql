-- Models of recommendations, their files, and the weights of what is recommended. See docs/guides/recommendations.md.

-- CreateTable
CREATE TABLE "recommendation_models" (
    "version" SERIAL NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'training',
    "note" TEXT NOT NULL DEFAULT '',
    "requested_by" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "progress" JSONB,
    "data" JSONB,
    "evaluation" JSONB,
    "drift" JSONB,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "bytes" BIGINT,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "trained_at" TIMESTAMPTZ(3),
    "activated_at" TIMESTAMPTZ(3),

    CONSTRAINT "recommendation_models_pkey" PRIMARY KEY ("version"),
    CONSTRAINT "recommendation_models_state_known" CHECK ("state" IN ('training', 'candidate', 'active', 'retired', 'failed')),
    CONSTRAINT "recommendation_models_trained" CHECK ("state" IN ('training', 'failed') OR "trained_at" IS NOT NULL)
);

-- CreateTable
CREATE TABLE "recommendation_model_parts" (
    "version" INTEGER NOT NULL,
    "part" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "recommendation_model_parts_pkey" PRIMARY KEY ("version","part"),
    CONSTRAINT "recommendation_model_parts_version_fkey" FOREIGN KEY ("version") REFERENCES "recommendation_models"("version") ON DELETE CASCADE ON UPDATE CASCADE
);
-- Factors do not compress: PostgreSQL need not try.
ALTER TABLE "recommendation_model_parts" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- CreateTable
CREATE TABLE "recommendation_settings" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "version" INTEGER NOT NULL,
    "settings" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "recommendation_settings_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "recommendation_settings_one" CHECK ("id" = 1)
);

-- CreateIndex
-- One answers, and one is trained, at a time.
CREATE UNIQUE INDEX "recommendation_models_one_active" ON "recommendation_models"("state") WHERE "state" = 'active';
CREATE UNIQUE INDEX "recommendation_models_one_training" ON "recommendation_models"("state") WHERE "state" = 'training';

-- CreateIndex
-- What a visitor did last, for recommendations that follow the session.
CREATE INDEX "tracking_events_visitor_id_id_idx" ON "tracking_events"("visitor_id", "id");
