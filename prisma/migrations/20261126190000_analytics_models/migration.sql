-- Models that were learnt: what they are, how they did, and what they say of each customer. See docs/guides/predictive-models.md.

-- CreateTable
CREATE TABLE "analytics_trainings" (
    "id" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "trigger" TEXT NOT NULL,
    "source" TEXT COLLATE "C",
    "progress" TEXT NOT NULL DEFAULT '',
    "outcomes" JSONB NOT NULL DEFAULT '[]',
    "error" TEXT,
    "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "analytics_trainings_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "analytics_trainings_state_known" CHECK ("state" IN ('queued', 'running', 'succeeded', 'failed')),
    CONSTRAINT "analytics_trainings_trigger_known" CHECK ("trigger" IN ('run', 'admin'))
);

-- CreateIndex
-- Who asks for a training while one waits gets that one.
CREATE UNIQUE INDEX "analytics_trainings_one_queued" ON "analytics_trainings"("state") WHERE "state" = 'queued';

-- CreateTable
CREATE TABLE "analytics_models" (
    "id" TEXT COLLATE "C" NOT NULL,
    "kind" TEXT COLLATE "C" NOT NULL,
    "version" INTEGER NOT NULL,
    "stage" TEXT NOT NULL DEFAULT 'staging',
    "training_id" TEXT COLLATE "C" NOT NULL,
    "source" TEXT COLLATE "C" NOT NULL,
    "currency" TEXT NOT NULL,
    "skill" DOUBLE PRECISION NOT NULL,
    "parameters" JSONB NOT NULL,
    "metrics" JSONB NOT NULL,
    "artefact" JSONB NOT NULL,
    "verdict" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "promoted_at" TIMESTAMPTZ(3),

    CONSTRAINT "analytics_models_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "analytics_models_kind_known" CHECK ("kind" IN ('clv', 'churn', 'forecast')),
    CONSTRAINT "analytics_models_stage_known" CHECK ("stage" IN ('learning', 'staging', 'production', 'archived')),
    CONSTRAINT "analytics_models_training_id_fkey" FOREIGN KEY ("training_id") REFERENCES "analytics_trainings"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "analytics_models_kind_version_key" ON "analytics_models"("kind", "version");

-- CreateIndex
CREATE UNIQUE INDEX "analytics_models_one_in_production" ON "analytics_models"("kind") WHERE "stage" = 'production';

-- CreateTable
CREATE TABLE "analytics_scores" (
    "model_id" TEXT COLLATE "C" NOT NULL,
    "customer" TEXT COLLATE "C" NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "detail" JSONB NOT NULL,

    CONSTRAINT "analytics_scores_pkey" PRIMARY KEY ("model_id", "customer"),
    CONSTRAINT "analytics_scores_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "analytics_models"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "analytics_scores_model_id_value_customer_idx" ON "analytics_scores"("model_id", "value" DESC, "customer");
