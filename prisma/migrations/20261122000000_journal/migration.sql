CREATE TABLE "Journal" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "epoch" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL
);

-- INTEGER, not BIGINT: only the exact word makes seq the row id, and appending the cheapest insert SQLite has.
CREATE TABLE "Event" (
    "seq" INTEGER NOT NULL PRIMARY KEY,
    "receivedMs" BIGINT NOT NULL,
    "timeMs" BIGINT NOT NULL,
    "kind" INTEGER NOT NULL,
    "rank" INTEGER NOT NULL,
    "service" TEXT NOT NULL,
    "seriesId" INTEGER,
    "value" REAL,
    "body" TEXT NOT NULL
);

-- Only metrics pay for an index: logs are read by seq.
CREATE INDEX "Event_seriesId_seq_idx" ON "Event"("seriesId", "seq") WHERE "seriesId" IS NOT NULL;

CREATE TABLE "Series" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "service" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "labels" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "unit" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL
);

CREATE UNIQUE INDEX "Series_service_name_labels_key" ON "Series"("service", "name", "labels");

CREATE TABLE "Rollup" (
    "stepMs" INTEGER NOT NULL,
    "seriesId" INTEGER NOT NULL,
    "bucketMs" BIGINT NOT NULL,
    "count" INTEGER NOT NULL,
    "sum" REAL NOT NULL,
    "min" REAL NOT NULL,
    "max" REAL NOT NULL,
    "last" REAL NOT NULL,
    "lastMs" BIGINT NOT NULL,

    PRIMARY KEY ("stepMs", "seriesId", "bucketMs")
) WITHOUT ROWID;

CREATE TABLE "Receipt" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "digest" TEXT NOT NULL,
    "firstSeq" BIGINT NOT NULL,
    "lastSeq" BIGINT NOT NULL,
    "createdMs" BIGINT NOT NULL
);

CREATE INDEX "Receipt_createdMs_idx" ON "Receipt"("createdMs");
