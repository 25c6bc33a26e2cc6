-- With the wrong account of a provider every payment differs: how many do is counted, and the first thousand are kept.

-- AlterTable
ALTER TABLE "payment_reconciliations" ADD COLUMN     "found" INTEGER NOT NULL DEFAULT 0;
UPDATE "payment_reconciliations" SET "found" = jsonb_array_length("differences");
