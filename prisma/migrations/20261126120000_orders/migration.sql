-- Orders, what became of them, and the sagas that carry them on. See docs/guides/checkout.md.

-- CreateTable
CREATE TABLE "orders" (
    "id" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "quote_id" TEXT COLLATE "C" NOT NULL,
    "reservation_id" TEXT COLLATE "C" NOT NULL,
    "payment_id" TEXT COLLATE "C",
    "email" TEXT,
    "reference" TEXT,
    "address" JSONB NOT NULL,
    "billing_country" TEXT,
    "currency" TEXT NOT NULL,
    "subtotal" BIGINT NOT NULL,
    "discount" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "total" BIGINT NOT NULL,
    "tax_included" BOOLEAN NOT NULL,
    "token_digest" BYTEA NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "orders_state_known" CHECK ("state" IN ('pending', 'in-review', 'confirmed', 'dispatching', 'dispatched', 'cancelling', 'cancelled')),
    CONSTRAINT "orders_cancelled_for_a_reason" CHECK ("state" NOT IN ('cancelling', 'cancelled') OR "reason" IS NOT NULL),
    CONSTRAINT "orders_add_up" CHECK ("total" = "subtotal" - "discount" + CASE WHEN "tax_included" THEN 0 ELSE "tax" END),
    CONSTRAINT "orders_not_negative" CHECK ("discount" BETWEEN 0 AND "subtotal" AND "tax" >= 0)
);

-- CreateTable
CREATE TABLE "order_lines" (
    "order_id" TEXT COLLATE "C" NOT NULL,
    "line" INTEGER NOT NULL,
    "sku" TEXT COLLATE "C" NOT NULL,
    "quantity" INTEGER NOT NULL,
    "unit_amount" BIGINT NOT NULL,
    "subtotal" BIGINT NOT NULL,
    "discount" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "total" BIGINT NOT NULL,

    CONSTRAINT "order_lines_pkey" PRIMARY KEY ("order_id", "line"),
    CONSTRAINT "order_lines_quantity_positive" CHECK ("quantity" > 0),
    CONSTRAINT "order_lines_multiply" CHECK ("subtotal" = "unit_amount" * "quantity")
);

-- CreateTable
CREATE TABLE "order_history" (
    "order_id" TEXT COLLATE "C" NOT NULL,
    "version" INTEGER NOT NULL,
    "action" TEXT NOT NULL,
    "from" TEXT,
    "to" TEXT NOT NULL,
    "reason" TEXT,
    "actor" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "order_history_pkey" PRIMARY KEY ("order_id", "version"),
    CONSTRAINT "order_history_version_positive" CHECK ("version" > 0)
);

-- CreateTable
CREATE TABLE "sagas" (
    "id" TEXT COLLATE "C" NOT NULL,
    "kind" TEXT NOT NULL,
    "order_id" TEXT COLLATE "C" NOT NULL,
    "step" TEXT NOT NULL,
    "direction" TEXT NOT NULL DEFAULT 'forward',
    "state" TEXT NOT NULL DEFAULT 'running',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_until" TIMESTAMPTZ(3),
    "fence" INTEGER NOT NULL DEFAULT 0,
    "waiting_for" TEXT,
    "wait_until" TIMESTAMPTZ(3),
    "paying" BOOLEAN NOT NULL DEFAULT false,
    "refund_id" TEXT COLLATE "C",
    "refund_amount" BIGINT,
    "error" TEXT,
    "step_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sagas_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "sagas_kind_known" CHECK ("kind" IN ('checkout', 'refund')),
    CONSTRAINT "sagas_direction_known" CHECK ("direction" IN ('forward', 'back')),
    CONSTRAINT "sagas_state_known" CHECK ("state" IN ('running', 'manual', 'done')),
    CONSTRAINT "sagas_wait_ends" CHECK (("waiting_for" IS NULL) = ("wait_until" IS NULL)),
    CONSTRAINT "sagas_refund_whole" CHECK (("refund_id" IS NULL) = ("refund_amount" IS NULL))
);

-- CreateIndex
CREATE UNIQUE INDEX "orders_quote_id_key" ON "orders"("quote_id");

-- CreateIndex
CREATE INDEX "sagas_order_id_idx" ON "sagas"("order_id");

-- What the worker looks for: whatever has not ended, by when it is to be looked at.
CREATE INDEX "sagas_due" ON "sagas"("next_at") WHERE "state" <> 'done';

-- AddForeignKey
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_history" ADD CONSTRAINT "order_history_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sagas" ADD CONSTRAINT "sagas_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What was sold, and what happened, is neither changed nor taken back.
CREATE TRIGGER "order_lines_append_only" BEFORE UPDATE OR DELETE ON "order_lines"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();

CREATE TRIGGER "order_history_append_only" BEFORE UPDATE OR DELETE ON "order_history"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();

CREATE TRIGGER "orders_price_never_changes" BEFORE UPDATE OF "quote_id", "reservation_id", "payment_id", "currency", "subtotal", "discount", "tax", "total" ON "orders"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();
