-- Coupons, and which orders have used them. See docs/guides/coupons.md.

-- CreateTable
CREATE TABLE "coupons" (
    "id" TEXT COLLATE "C" NOT NULL,
    "code" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "percent_ppm" INTEGER,
    "amounts" JSONB NOT NULL DEFAULT '{}',
    "minimums" JSONB NOT NULL DEFAULT '{}',
    "customer_group" TEXT,
    "state" TEXT NOT NULL DEFAULT 'active',
    "valid_from" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "valid_until" TIMESTAMPTZ(3),
    "limit_total" INTEGER,
    "limit_per_customer" INTEGER,
    "redeemed" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "coupons_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "coupons_code_upper" CHECK ("code" = upper("code")),
    CONSTRAINT "coupons_state_known" CHECK ("state" IN ('active', 'ended')),
    CONSTRAINT "coupons_percent_bounded" CHECK ("percent_ppm" BETWEEN 1 AND 1000000),
    CONSTRAINT "coupons_percent_or_amounts" CHECK (("percent_ppm" IS NULL) <> ("amounts" = '{}'::jsonb)),
    CONSTRAINT "coupons_limits_positive" CHECK ("limit_total" > 0 AND "limit_per_customer" > 0),
    -- The last line of defence: whatever the code does, nobody uses it more often than it may be used.
    CONSTRAINT "coupons_never_overused" CHECK ("redeemed" >= 0 AND ("limit_total" IS NULL OR "redeemed" <= "limit_total"))
);

-- CreateTable
CREATE TABLE "coupon_uses" (
    "coupon_id" TEXT COLLATE "C" NOT NULL,
    "customer_key" TEXT COLLATE "C" NOT NULL,
    "uses" INTEGER NOT NULL,

    CONSTRAINT "coupon_uses_pkey" PRIMARY KEY ("coupon_id", "customer_key"),
    CONSTRAINT "coupon_uses_not_negative" CHECK ("uses" >= 0)
);

-- CreateTable
CREATE TABLE "coupon_redemptions" (
    "order_id" TEXT COLLATE "C" NOT NULL,
    "coupon_id" TEXT COLLATE "C" NOT NULL,
    "customer_key" TEXT COLLATE "C" NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "redeemed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "returned_at" TIMESTAMPTZ(3),

    CONSTRAINT "coupon_redemptions_pkey" PRIMARY KEY ("order_id"),
    CONSTRAINT "coupon_redemptions_amount_not_negative" CHECK ("amount" >= 0)
);

-- CreateIndex
CREATE UNIQUE INDEX "coupons_code_key" ON "coupons"("code");

-- CreateIndex
CREATE INDEX "coupon_redemptions_coupon_id_idx" ON "coupon_redemptions"("coupon_id");

-- AddForeignKey
ALTER TABLE "coupon_uses" ADD CONSTRAINT "coupon_uses_coupon_id_fkey" FOREIGN KEY ("coupon_id") REFERENCES "coupons"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "coupon_redemptions" ADD CONSTRAINT "coupon_redemptions_coupon_id_fkey" FOREIGN KEY ("coupon_id") REFERENCES "coupons"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
