-- Coupons that are held back from a share of those who type them in, so that what they bring can be measured. See
-- docs/decisions/holdouts.md.

-- AlterTable
ALTER TABLE "coupons" ADD COLUMN "holdout_ended_at" TIMESTAMPTZ(3),
ADD COLUMN "holdout_ppm" INTEGER NOT NULL DEFAULT 0,
ADD CONSTRAINT "coupons_holdout_bounded" CHECK ("holdout_ppm" BETWEEN 0 AND 500000),
ADD CONSTRAINT "coupons_holdout_ended_once_begun" CHECK ("holdout_ended_at" IS NULL OR "holdout_ppm" > 0);

-- AlterTable
ALTER TABLE "carts" ADD COLUMN "shopper" TEXT COLLATE "C";

-- AlterTable
ALTER TABLE "quotes" ADD COLUMN "shopper" TEXT COLLATE "C";

-- AlterTable
ALTER TABLE "orders" ADD COLUMN "shopper" TEXT COLLATE "C";

-- CreateTable
CREATE TABLE "coupon_exposures" (
    "id" TEXT COLLATE "C" NOT NULL,
    "coupon_id" TEXT COLLATE "C" NOT NULL,
    "shopper" TEXT COLLATE "C" NOT NULL,
    "variant" TEXT NOT NULL,
    "exposed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "coupon_exposures_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "coupon_exposures_variant_known" CHECK ("variant" IN ('treated', 'holdout'))
);

-- CreateIndex
CREATE UNIQUE INDEX "coupon_exposures_coupon_id_shopper_key" ON "coupon_exposures"("coupon_id", "shopper");

-- AddForeignKey
ALTER TABLE "coupon_exposures" ADD CONSTRAINT "coupon_exposures_coupon_id_fkey" FOREIGN KEY ("coupon_id") REFERENCES "coupons"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
