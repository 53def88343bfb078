-- Who may come in: tokens, accounts, browsers that have logged in; and what was done to them.
CREATE TABLE "AccessToken" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "services" TEXT,
    "level" TEXT,
    "createdBy" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL,
    "expiresMs" BIGINT,
    "revokedMs" BIGINT,
    "usedMs" BIGINT
);

CREATE UNIQUE INDEX "AccessToken_digest_key" ON "AccessToken"("digest");

CREATE TABLE "Account" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "username" TEXT NOT NULL,
    "password" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "createdBy" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL
);

CREATE UNIQUE INDEX "Account_username_key" ON "Account"("username");

CREATE TABLE "LoginSession" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "digest" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "createdMs" BIGINT NOT NULL,
    "usedMs" BIGINT NOT NULL,
    "expiresMs" BIGINT NOT NULL,
    "endsMs" BIGINT NOT NULL
);

CREATE UNIQUE INDEX "LoginSession_digest_key" ON "LoginSession"("digest");

CREATE TABLE "AuditEntry" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "atMs" BIGINT NOT NULL,
    "who" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "act" TEXT NOT NULL,
    "target" TEXT NOT NULL
);

CREATE TABLE "AccessVersion" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL
);
