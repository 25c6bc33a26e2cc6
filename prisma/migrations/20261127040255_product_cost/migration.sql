-- What the shop pays for a product, in minor units of the price's currency; null where nobody has said.

-- AlterTable
ALTER TABLE "products" ADD COLUMN "cost_amount" BIGINT
    CONSTRAINT "products_cost_not_negative" CHECK ("cost_amount" >= 0);
