-- Clients of MQTT that will come back, and where their streams go on.
CREATE TABLE "MqttSession" (
    "clientId" TEXT NOT NULL PRIMARY KEY,
    "subscriptions" TEXT NOT NULL,
    "epoch" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "sentSeq" BIGINT NOT NULL,
    "packetId" INTEGER NOT NULL,
    "seenMs" BIGINT NOT NULL,
    "expiresMs" BIGINT NOT NULL
);

CREATE INDEX "MqttSession_seenMs_idx" ON "MqttSession"("seenMs");
