-- Stock: what is there, what is held, and every movement. See docs/guides/inventory.md.

-- CreateTable
CREATE TABLE "warehouses" (
    "id" TEXT COLLATE "C" NOT NULL,
    "code" TEXT COLLATE "C" NOT NULL,
    "name" TEXT NOT NULL,
    "priority" INTEGER NOT NULL DEFAULT 100,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "warehouses_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "warehouses_version_positive" CHECK ("version" > 0)
);

-- CreateTable
CREATE TABLE "stock_items" (
    "sku" TEXT COLLATE "C" NOT NULL,
    "on_hand" INTEGER NOT NULL DEFAULT 0,
    "reserved" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "stock_items_pkey" PRIMARY KEY ("sku"),
    CONSTRAINT "stock_items_never_oversold" CHECK (0 <= "reserved" AND "reserved" <= "on_hand"),
    CONSTRAINT "stock_items_bounded" CHECK ("on_hand" <= 1000000000)
);

-- CreateTable
CREATE TABLE "stock_levels" (
    "sku" TEXT COLLATE "C" NOT NULL,
    "warehouse_id" TEXT COLLATE "C" NOT NULL,
    "on_hand" INTEGER NOT NULL DEFAULT 0,
    "reserved" INTEGER NOT NULL DEFAULT 0,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stock_levels_pkey" PRIMARY KEY ("sku", "warehouse_id"),
    -- The last line of defence: whatever the code does, no unit is promised twice.
    CONSTRAINT "stock_levels_never_oversold" CHECK (0 <= "reserved" AND "reserved" <= "on_hand")
);

-- CreateTable
CREATE TABLE "stock_movements" (
    "id" BIGSERIAL NOT NULL,
    "sku" TEXT COLLATE "C" NOT NULL,
    "warehouse_id" TEXT COLLATE "C" NOT NULL,
    "quantity" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "reference" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "actor" TEXT NOT NULL,
    "on_hand_after" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "stock_movements_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "stock_movements_moves" CHECK ("quantity" <> 0),
    CONSTRAINT "stock_movements_kind_known" CHECK ("kind" IN ('receipt', 'count', 'damage', 'sale', 'return'))
);

-- CreateTable
CREATE TABLE "reservations" (
    "id" TEXT COLLATE "C" NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'held',
    "reference" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "reservations_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "reservations_state_known" CHECK ("state" IN ('held', 'committed', 'released'))
);

-- CreateTable
CREATE TABLE "reservation_lines" (
    "reservation_id" TEXT COLLATE "C" NOT NULL,
    "sku" TEXT COLLATE "C" NOT NULL,
    "warehouse_id" TEXT COLLATE "C" NOT NULL,
    "quantity" INTEGER NOT NULL,

    CONSTRAINT "reservation_lines_pkey" PRIMARY KEY ("reservation_id", "sku", "warehouse_id"),
    CONSTRAINT "reservation_lines_quantity_positive" CHECK ("quantity" > 0)
);

-- CreateIndex
CREATE UNIQUE INDEX "warehouses_code_key" ON "warehouses"("code");

-- CreateIndex
CREATE INDEX "stock_movements_sku_id_idx" ON "stock_movements"("sku", "id");

-- CreateIndex
CREATE INDEX "reservation_lines_sku_warehouse_id_idx" ON "reservation_lines"("sku", "warehouse_id");

-- What the sweeper looks for: holds, by the time they end.
CREATE INDEX "reservations_held" ON "reservations"("expires_at") WHERE "state" = 'held';

-- AddForeignKey
ALTER TABLE "stock_levels" ADD CONSTRAINT "stock_levels_sku_fkey" FOREIGN KEY ("sku") REFERENCES "stock_items"("sku") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock_levels" ADD CONSTRAINT "stock_levels_warehouse_id_fkey" FOREIGN KEY ("warehouse_id") REFERENCES "warehouses"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stock_movements" ADD CONSTRAINT "stock_movements_sku_warehouse_id_fkey" FOREIGN KEY ("sku", "warehouse_id") REFERENCES "stock_levels"("sku", "warehouse_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reservation_lines" ADD CONSTRAINT "reservation_lines_reservation_id_fkey" FOREIGN KEY ("reservation_id") REFERENCES "reservations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reservation_lines" ADD CONSTRAINT "reservation_lines_sku_warehouse_id_fkey" FOREIGN KEY ("sku", "warehouse_id") REFERENCES "stock_levels"("sku", "warehouse_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A movement is history: it is neither changed nor taken back, only balanced by another.
CREATE FUNCTION "refuse_change_of_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;

CREATE TRIGGER "stock_movements_append_only" BEFORE UPDATE OR DELETE ON "stock_movements"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();
