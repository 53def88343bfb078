// The floor of ingest: `node:http`, JSON.parse of each line, and one prepared insert a chunk through the same SQLite.

import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';

const db = new Database(join(mkdtempSync(join(tmpdir(), 'tailrace-bare-')), 'bare.db'));
db.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE event (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)',
);
const insert = db.prepare('INSERT INTO event (body) SELECT value FROM json_each(?)');

const server = createServer((req, res) => {
  const pieces: Buffer[] = [];
  req.on('data', (piece: Buffer) => pieces.push(piece));
  req.on('end', () => {
    const lines = Buffer.concat(pieces).toString('utf8').trimEnd().split('\n');
    insert.run(JSON.stringify(lines.map((line) => JSON.stringify(JSON.parse(line)))));
    res.writeHead(200).end(JSON.stringify({ accepted: lines.length }));
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready: http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
