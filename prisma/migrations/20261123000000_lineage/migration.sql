-- Positions that were given away and could not be stored end an epoch; up to parentSeq the next one continues it.
ALTER TABLE "Journal" ADD COLUMN "parentEpoch" TEXT;
ALTER TABLE "Journal" ADD COLUMN "parentSeq" BIGINT;
