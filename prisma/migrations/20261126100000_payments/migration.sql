-- Payments, refunds, what providers told us, and the ledger. See docs/guides/payments.md.

-- CreateTable
CREATE TABLE "payments" (
    "id" TEXT COLLATE "C" NOT NULL,
    "order_id" TEXT COLLATE "C" NOT NULL,
    "attempt" INTEGER NOT NULL,
    "method" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'created',
    "provider" TEXT COLLATE "C" NOT NULL,
    "provider_id" TEXT COLLATE "C",
    "token" TEXT NOT NULL,
    "country" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "authorised" BIGINT NOT NULL DEFAULT 0,
    "captured" BIGINT NOT NULL DEFAULT 0,
    "refunded" BIGINT NOT NULL DEFAULT 0,
    "refund_pending" BIGINT NOT NULL DEFAULT 0,
    "decline_code" TEXT,
    "version" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "payments_status_known" CHECK ("status" IN ('created', 'pending', 'authorised', 'captured', 'voided', 'declined')),
    CONSTRAINT "payments_method_known" CHECK ("method" IN ('card', 'upi', 'pix', 'sepa_debit')),
    CONSTRAINT "payments_attempt_positive" CHECK ("attempt" > 0),
    -- A number in JavaScript carries no more.
    CONSTRAINT "payments_amount_bounded" CHECK (0 < "amount" AND "amount" <= 9007199254740991),
    -- The last line of defence: whatever the code does, nobody is charged more than was agreed or given back more than was taken.
    CONSTRAINT "payments_never_overcharged" CHECK (0 <= "captured" AND "captured" <= "authorised" AND "authorised" <= "amount"),
    CONSTRAINT "payments_never_overrefunded" CHECK (0 <= "refunded" AND 0 <= "refund_pending" AND "refunded" + "refund_pending" <= "captured")
);

-- CreateTable
CREATE TABLE "refunds" (
    "id" TEXT COLLATE "C" NOT NULL,
    "payment_id" TEXT COLLATE "C" NOT NULL,
    "amount" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "failure_code" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refunds_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "refunds_status_known" CHECK ("status" IN ('pending', 'succeeded', 'failed')),
    CONSTRAINT "refunds_amount_positive" CHECK ("amount" > 0)
);

-- CreateTable
CREATE TABLE "payment_webhooks" (
    "provider" TEXT COLLATE "C" NOT NULL,
    "event_id" TEXT COLLATE "C" NOT NULL,
    "type" TEXT NOT NULL,
    "payment_id" TEXT COLLATE "C",
    "outcome" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payment_webhooks_pkey" PRIMARY KEY ("provider", "event_id"),
    CONSTRAINT "payment_webhooks_outcome_known" CHECK ("outcome" IN ('recorded', 'unchanged', 'unknown-payment', 'mismatch'))
);

-- CreateTable
CREATE TABLE "ledger_transactions" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "payment_id" TEXT COLLATE "C" NOT NULL,
    "reference" TEXT COLLATE "C" NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ledger_transactions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "ledger_transactions_kind_known" CHECK ("kind" IN ('capture', 'refund'))
);

-- CreateTable
CREATE TABLE "ledger_entries" (
    "transaction_id" BIGINT NOT NULL,
    "account" TEXT COLLATE "C" NOT NULL,
    "currency" TEXT COLLATE "C" NOT NULL,
    "amount" BIGINT NOT NULL,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("transaction_id", "account", "currency"),
    CONSTRAINT "ledger_entries_account_known" CHECK ("account" IN ('provider_clearing', 'customer_payments')),
    CONSTRAINT "ledger_entries_move" CHECK ("amount" <> 0)
);

-- CreateTable
CREATE TABLE "payment_reconciliations" (
    "id" TEXT COLLATE "C" NOT NULL,
    "provider" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "compared" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "differences" JSONB NOT NULL DEFAULT '[]',
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "payment_reconciliations_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "payment_reconciliations_state_known" CHECK ("state" IN ('waiting', 'running', 'finished', 'failed'))
);

-- CreateIndex
CREATE UNIQUE INDEX "payments_order_id_attempt_key" ON "payments"("order_id", "attempt");

-- CreateIndex
CREATE UNIQUE INDEX "payments_provider_provider_id_key" ON "payments"("provider", "provider_id");

-- What is asked of the provider again when it stays silent.
CREATE INDEX "payments_pending" ON "payments"("updated_at") WHERE "status" = 'pending';

-- CreateIndex
CREATE INDEX "refunds_payment_id_idx" ON "refunds"("payment_id");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_transactions_payment_id_kind_reference_key" ON "ledger_transactions"("payment_id", "kind", "reference");

-- CreateIndex
CREATE INDEX "ledger_entries_account_currency_idx" ON "ledger_entries"("account", "currency");

-- CreateIndex
CREATE INDEX "payment_reconciliations_created_at_idx" ON "payment_reconciliations"("created_at");

-- AddForeignKey
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_transactions" ADD CONSTRAINT "ledger_transactions_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_transaction_id_fkey" FOREIGN KEY ("transaction_id") REFERENCES "ledger_transactions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The ledger is history: a mistake is balanced by another transaction. The function came with the movements of stock.
CREATE TRIGGER "ledger_transactions_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_transactions"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();
CREATE TRIGGER "ledger_entries_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();

-- At the commit, when all entries of a transaction are there: in each currency they sum to 0, and there are some.
CREATE FUNCTION "check_ledger_transaction"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  checked BIGINT := CASE TG_TABLE_NAME WHEN 'ledger_entries' THEN (to_jsonb(NEW) ->> 'transaction_id')::bigint ELSE (to_jsonb(NEW) ->> 'id')::bigint END;
BEGIN
  IF NOT EXISTS (SELECT FROM "ledger_entries" WHERE "transaction_id" = checked) THEN
    RAISE EXCEPTION 'ledger transaction % has no entries', checked USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT FROM "ledger_entries" WHERE "transaction_id" = checked GROUP BY "currency" HAVING sum("amount") <> 0) THEN
    RAISE EXCEPTION 'ledger transaction % does not balance', checked USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER "ledger_entries_balance" AFTER INSERT ON "ledger_entries"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "check_ledger_transaction"();
CREATE CONSTRAINT TRIGGER "ledger_transactions_balance" AFTER INSERT ON "ledger_transactions"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "check_ledger_transaction"();
