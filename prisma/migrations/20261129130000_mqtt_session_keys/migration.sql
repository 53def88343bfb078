-- Whose the session of a client of MQTT is counts as well. Those kept so far are of servers that asked nobody who they are.
ALTER TABLE "MqttSession" RENAME COLUMN "clientId" TO "key";
UPDATE "MqttSession" SET "key" = json_array('', "key");
