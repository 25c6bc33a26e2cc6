-- What fraud thinks of orders, and what a person decides. See docs/guides/checkout.md.

-- CreateTable
CREATE TABLE "fraud_assessments" (
    "order_id" TEXT COLLATE "C" NOT NULL,
    "customer_key" TEXT COLLATE "C",
    "destination_key" TEXT COLLATE "C" NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "score" INTEGER NOT NULL,
    "decision" TEXT NOT NULL,
    "reasons" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fraud_assessments_pkey" PRIMARY KEY ("order_id"),
    CONSTRAINT "fraud_assessments_score_bounded" CHECK ("score" BETWEEN 0 AND 100),
    CONSTRAINT "fraud_assessments_decision_known" CHECK ("decision" IN ('accept', 'review', 'reject'))
);

-- CreateTable
CREATE TABLE "fraud_reviews" (
    "id" TEXT COLLATE "C" NOT NULL,
    "order_id" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "decided_by" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "fraud_reviews_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "fraud_reviews_state_known" CHECK ("state" IN ('open', 'accepted', 'rejected', 'withdrawn')),
    CONSTRAINT "fraud_reviews_decided_by_somebody" CHECK (("state" = 'open') = ("decided_at" IS NULL) AND ("state" = 'open') = ("decided_by" IS NULL))
);

-- CreateIndex
CREATE INDEX "fraud_assessments_customer_key_created_at_idx" ON "fraud_assessments"("customer_key", "created_at");

-- CreateIndex
CREATE INDEX "fraud_assessments_destination_key_created_at_idx" ON "fraud_assessments"("destination_key", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "fraud_reviews_order_id_key" ON "fraud_reviews"("order_id");

-- What a person has to look at, the oldest first.
CREATE INDEX "fraud_reviews_open" ON "fraud_reviews"("id") WHERE "state" = 'open';

-- AddForeignKey
ALTER TABLE "fraud_reviews" ADD CONSTRAINT "fraud_reviews_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "fraud_assessments"("order_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What was thought of an order then is not rewritten later.
CREATE TRIGGER "fraud_assessments_append_only" BEFORE UPDATE OR DELETE ON "fraud_assessments"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();
