-- Carts. See docs/guides/cart.md.

-- CreateTable
CREATE TABLE "carts" (
    "id" TEXT COLLATE "C" NOT NULL,
    "currency" TEXT NOT NULL,
    "coupon" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "carts_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "carts_version_positive" CHECK ("version" > 0),
    CONSTRAINT "carts_currency_code" CHECK ("currency" ~ '^[A-Z]{3}$')
);

-- CreateTable
CREATE TABLE "cart_lines" (
    "cart_id" TEXT COLLATE "C" NOT NULL,
    "sku" TEXT COLLATE "C" NOT NULL,
    "quantity" INTEGER NOT NULL,
    "position" BIGSERIAL NOT NULL,

    CONSTRAINT "cart_lines_pkey" PRIMARY KEY ("cart_id", "sku"),
    -- What one line of a quote and of a reservation may ask for.
    CONSTRAINT "cart_lines_quantity_bounded" CHECK ("quantity" BETWEEN 1 AND 1000000)
);

-- CreateIndex
CREATE INDEX "carts_expires_at_idx" ON "carts"("expires_at");

-- AddForeignKey
ALTER TABLE "cart_lines" ADD CONSTRAINT "cart_lines_cart_id_fkey" FOREIGN KEY ("cart_id") REFERENCES "carts"("id") ON DELETE CASCADE ON UPDATE CASCADE;
