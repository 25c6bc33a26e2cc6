-- Prices and quotes. See docs/guides/pricing.md.

-- CreateTable
CREATE TABLE "price_lists" (
    "id" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "customer_group" TEXT,
    "discount_ppm" INTEGER NOT NULL DEFAULT 0,
    "valid_from" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "valid_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "price_lists_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "price_lists_currency_code" CHECK ("currency" ~ '^[A-Z]{3}$'),
    CONSTRAINT "price_lists_discount_bounded" CHECK ("discount_ppm" BETWEEN 0 AND 1000000),
    CONSTRAINT "price_lists_ends_after_it_begins" CHECK ("valid_until" > "valid_from")
);

-- CreateTable
CREATE TABLE "prices" (
    "price_list_id" TEXT COLLATE "C" NOT NULL,
    "sku" TEXT COLLATE "C" NOT NULL,
    "min_quantity" INTEGER NOT NULL DEFAULT 1,
    "amount" BIGINT NOT NULL,

    CONSTRAINT "prices_pkey" PRIMARY KEY ("price_list_id", "sku", "min_quantity"),
    CONSTRAINT "prices_quantity_positive" CHECK ("min_quantity" > 0),
    CONSTRAINT "prices_amount_not_negative" CHECK ("amount" >= 0)
);

-- CreateTable
CREATE TABLE "fx_snapshots" (
    "id" TEXT COLLATE "C" NOT NULL,
    "base" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "taken_on" DATE NOT NULL,
    "rates" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fx_snapshots_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quotes" (
    "id" TEXT COLLATE "C" NOT NULL,
    "currency" TEXT NOT NULL,
    "subtotal" BIGINT NOT NULL,
    "discount" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "tax_added" BIGINT NOT NULL,
    "total" BIGINT NOT NULL,
    "document" JSONB NOT NULL,
    "fx_snapshot_id" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "quotes_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "quotes_add_up" CHECK ("total" = "subtotal" - "discount" + "tax_added"),
    CONSTRAINT "quotes_not_negative" CHECK ("discount" BETWEEN 0 AND "subtotal" AND "tax_added" BETWEEN 0 AND "tax")
);

-- CreateIndex
CREATE INDEX "price_lists_currency_valid_from_idx" ON "price_lists"("currency", "valid_from");

-- CreateIndex
CREATE INDEX "prices_sku_idx" ON "prices"("sku");

-- CreateIndex
CREATE INDEX "fx_snapshots_taken_on_created_at_idx" ON "fx_snapshots"("taken_on", "created_at");

-- AddForeignKey
ALTER TABLE "prices" ADD CONSTRAINT "prices_price_list_id_fkey" FOREIGN KEY ("price_list_id") REFERENCES "price_lists"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TRIGGER "quotes_never_change" BEFORE UPDATE OF "currency", "subtotal", "discount", "tax", "tax_added", "total", "document" ON "quotes"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();
