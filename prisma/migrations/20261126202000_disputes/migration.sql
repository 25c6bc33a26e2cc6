-- Chargebacks: what a payer's bank takes back, and what becomes of it. See docs/guides/payments.md.

-- CreateTable
CREATE TABLE "disputes" (
    "id" TEXT COLLATE "C" NOT NULL,
    "payment_id" TEXT COLLATE "C" NOT NULL,
    "provider" TEXT COLLATE "C" NOT NULL,
    "provider_id" TEXT COLLATE "C" NOT NULL,
    "status" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "respond_by" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "disputes_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "disputes_status_known" CHECK ("status" IN ('inquiry', 'open', 'won', 'lost', 'closed')),
    CONSTRAINT "disputes_amount_positive" CHECK ("amount" > 0)
);

-- CreateIndex
CREATE UNIQUE INDEX "disputes_provider_provider_id_key" ON "disputes"("provider", "provider_id");

-- CreateIndex
CREATE INDEX "disputes_payment_id_idx" ON "disputes"("payment_id");

-- AddForeignKey
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_payment_id_fkey" FOREIGN KEY ("payment_id") REFERENCES "payments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What of a payment its payer's bank has taken back, in open and lost disputes: it cannot be refunded too.
ALTER TABLE "payments" ADD COLUMN "disputed" BIGINT NOT NULL DEFAULT 0,
ADD CONSTRAINT "payments_disputed_not_negative" CHECK (0 <= "disputed");

-- How an order's last dispute stands.
ALTER TABLE "orders" ADD COLUMN "dispute" JSONB;

ALTER TABLE "ledger_transactions" DROP CONSTRAINT "ledger_transactions_kind_known",
ADD CONSTRAINT "ledger_transactions_kind_known" CHECK ("kind" IN ('capture', 'refund', 'dispute-opened', 'dispute-won', 'dispute-lost'));

ALTER TABLE "ledger_entries" DROP CONSTRAINT "ledger_entries_account_known",
ADD CONSTRAINT "ledger_entries_account_known" CHECK ("account" IN ('provider_clearing', 'customer_payments', 'disputed_funds', 'dispute_losses'));
