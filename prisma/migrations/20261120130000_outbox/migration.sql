-- The transactional outbox: see docs/decisions/outbox.md.

CREATE TABLE "outbox_events" (
    "id" BIGSERIAL NOT NULL,
    "aggregate" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "partition" SMALLINT NOT NULL,
    "type" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "traceparent" TEXT,
    "occurred_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    -- Null until the relay publishes the event.
    "position" BIGINT,
    "published_at" TIMESTAMPTZ(6),

    CONSTRAINT "outbox_events_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "outbox_events_version_check" CHECK ("version" > 0),
    CONSTRAINT "outbox_events_published_check" CHECK (("position" IS NULL) = ("published_at" IS NULL))
);

CREATE UNIQUE INDEX "outbox_events_aggregate_version_key" ON "outbox_events"("aggregate", "version");

-- An event is in exactly one of the two: what waits for the relay, and what readers walk along.
CREATE INDEX "outbox_events_unpublished" ON "outbox_events"("partition", "id") WHERE "position" IS NULL;
CREATE UNIQUE INDEX "outbox_events_published" ON "outbox_events"("partition", "position") WHERE "position" IS NOT NULL;

-- The last position given in each partition.
CREATE TABLE "outbox_partitions" (
    "partition" SMALLINT NOT NULL,
    "position" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "outbox_partitions_pkey" PRIMARY KEY ("partition")
);

INSERT INTO "outbox_partitions" ("partition") SELECT generate_series(0, 7);

-- How far each durable consumer has come.
CREATE TABLE "outbox_cursors" (
    "consumer_group" TEXT NOT NULL,
    "partition" SMALLINT NOT NULL,
    "position" BIGINT NOT NULL,

    CONSTRAINT "outbox_cursors_pkey" PRIMARY KEY ("consumer_group", "partition")
);

-- The version of each aggregate that a consumer has applied: what makes a repeated delivery harmless.
CREATE TABLE "outbox_inbox" (
    "consumer_group" TEXT NOT NULL,
    "aggregate" TEXT NOT NULL,
    "version" INTEGER NOT NULL,

    CONSTRAINT "outbox_inbox_pkey" PRIMARY KEY ("consumer_group", "aggregate")
);

-- Events that a consumer could not apply, and those of the same aggregate that wait behind them.
CREATE TABLE "outbox_dead_letters" (
    "id" BIGSERIAL NOT NULL,
    "consumer_group" TEXT NOT NULL,
    "partition" SMALLINT NOT NULL,
    "aggregate" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "event_id" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "next_attempt_at" TIMESTAMPTZ(6),
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "outbox_dead_letters_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "outbox_dead_letters_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "outbox_events"("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "outbox_dead_letters_state_check" CHECK ("state" IN ('retrying', 'dead', 'waiting')),
    -- A person who meets a failed letter finds why it failed.
    CONSTRAINT "outbox_dead_letters_error_check" CHECK ("state" <> 'dead' OR ("error" IS NOT NULL AND "attempts" > 0))
);

CREATE UNIQUE INDEX "outbox_dead_letters_consumer_group_aggregate_version_key" ON "outbox_dead_letters"("consumer_group", "aggregate", "version");
CREATE INDEX "outbox_dead_letters_event_id_idx" ON "outbox_dead_letters"("event_id");
