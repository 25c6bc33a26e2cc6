-- When the provider was last asked what became of something that is pending. `updated_at` says when it changed, and nothing else:
-- a payment that is asked for again and again and stays as it is must grow old enough to be reconciled.

-- AlterTable
ALTER TABLE "payments" ADD COLUMN     "asked_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "refunds" ADD COLUMN     "asked_at" TIMESTAMPTZ(3);

-- The queue of what is asked for: the longest without news first.
DROP INDEX "payments_pending";
CREATE INDEX "payments_pending" ON "payments"(GREATEST("updated_at", "asked_at")) WHERE "status" = 'pending';
