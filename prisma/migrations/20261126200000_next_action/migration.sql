-- What a payer has still to do elsewhere: with the payment as the provider says it, and with the order, whose versions tell of it.
-- See docs/guides/payments.md.

-- AlterTable
ALTER TABLE "payments" ADD COLUMN "return_url" TEXT,
ADD COLUMN "next_action" JSONB,
ADD COLUMN "action_done" BOOLEAN NOT NULL DEFAULT false,
ADD CONSTRAINT "payments_action_while_pending" CHECK ("next_action" IS NULL OR "status" = 'pending');

-- AlterTable
ALTER TABLE "orders" ADD COLUMN "next_action" JSONB;
