-- Orders from before this shop, for analytics. See docs/guides/import.md.

-- CreateTable
CREATE TABLE "past_order_lines" (
    "id" TEXT COLLATE "C" NOT NULL,
    "source" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "invoice" TEXT COLLATE "C" NOT NULL,
    "sku" TEXT COLLATE "C" NOT NULL,
    "is_product" BOOLEAN NOT NULL,
    "description" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "ordered_at" TIMESTAMP(0) NOT NULL,
    "customer" TEXT COLLATE "C",
    "country" TEXT NOT NULL,
    "cancels" TEXT COLLATE "C",

    CONSTRAINT "past_order_lines_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "past_order_lines_kind_known" CHECK ("kind" IN ('sale', 'cancellation', 'bad-debt', 'adjustment')),
    CONSTRAINT "past_order_lines_only_cancellations_cancel" CHECK ("cancels" IS NULL OR "kind" = 'cancellation')
);

-- CreateIndex
CREATE INDEX "past_order_lines_customer_sku_ordered_at_idx" ON "past_order_lines"("customer", "sku", "ordered_at");

-- CreateIndex
CREATE INDEX "past_order_lines_invoice_idx" ON "past_order_lines"("invoice");
