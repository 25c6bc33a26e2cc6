-- How often a step was refused in a row. Attempts count time-outs too, and an order is not taken back for those.

-- AlterTable
ALTER TABLE "sagas" ADD COLUMN     "refusals" INTEGER NOT NULL DEFAULT 0;
