/**
 * The tables of the store of messages, version by version: never change one that was released, add another. Every table has rows with
 * numbers, so that what can still be read of a damaged one is found by them (`salvage.ts`), and rows end by `until`, whole seconds.
 *
 * `sum` is the CRC-32 of the octets that SQLite itself would not miss a change of. Ids, tags and hints are 8 octets, addresses 16.
 */

/** What octets a table's `sum` is of, one behind the other. */
export const summedColumns: Readonly<Record<string, readonly string[]>> = {
  outbox: ["content"],
  sealed: ["envelope"],
  inbox: ["content"],
  parts: ["octets"],
  custody: ["envelope"],
  contacts: ["key"],
  chains: ["key", "seen"],
  prekeys: ["secret"],
  channels: ["key"],
  origins: ["heard"],
  broadcasts: ["content"],
};

const first = `
CREATE TABLE meta (row INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, value INTEGER NOT NULL) STRICT;

CREATE TABLE contacts (
  row INTEGER PRIMARY KEY,
  address BLOB NOT NULL UNIQUE CHECK (length(address) = 16),
  key BLOB NOT NULL CHECK (length(key) = 32),
  name TEXT,
  sum INTEGER NOT NULL
) STRICT;

CREATE TABLE prekeys (
  row INTEGER PRIMARY KEY,
  id INTEGER NOT NULL UNIQUE,
  secret BLOB NOT NULL,
  made INTEGER NOT NULL,
  until INTEGER NOT NULL,
  sum INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 8),
  contact BLOB NOT NULL CHECK (length(contact) = 16),
  port INTEGER NOT NULL,
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
  until INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  chunks INTEGER NOT NULL CHECK (chunks > 0),
  sum INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_until ON outbox (until);

-- Which chunks of a message that has several were proved.
CREATE TABLE proved (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL CHECK (length(id) = 8),
  chunk INTEGER NOT NULL,
  UNIQUE (id, chunk)
) STRICT;

CREATE TABLE sealed (
  row INTEGER PRIMARY KEY,
  tag BLOB NOT NULL UNIQUE CHECK (length(tag) = 8),
  id BLOB NOT NULL CHECK (length(id) = 8),
  chunk INTEGER NOT NULL,
  mark BLOB NOT NULL,
  sum INTEGER NOT NULL,
  envelope BLOB NOT NULL
) STRICT;
CREATE INDEX sealed_id ON sealed (id, chunk);

CREATE TABLE inbox (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  sender BLOB NOT NULL CHECK (length(sender) = 16),
  port INTEGER NOT NULL,
  id BLOB NOT NULL CHECK (length(id) = 8),
  sent INTEGER NOT NULL,
  at INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;
CREATE INDEX inbox_port ON inbox (port);

CREATE TABLE parts (
  row INTEGER PRIMARY KEY,
  sender BLOB NOT NULL CHECK (length(sender) = 16),
  id BLOB NOT NULL CHECK (length(id) = 8),
  chunk INTEGER NOT NULL,
  count INTEGER NOT NULL,
  until INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  octets BLOB NOT NULL,
  UNIQUE (sender, id, chunk)
) STRICT;
CREATE INDEX parts_until ON parts (until);

CREATE TABLE seen (
  row INTEGER PRIMARY KEY,
  sender BLOB NOT NULL CHECK (length(sender) = 16),
  id BLOB NOT NULL CHECK (length(id) = 8),
  chunk INTEGER NOT NULL,
  until INTEGER NOT NULL,
  UNIQUE (sender, id, chunk)
) STRICT;
CREATE INDEX seen_until ON seen (until);

CREATE TABLE chains (
  row INTEGER PRIMARY KEY,
  sender BLOB NOT NULL CHECK (length(sender) = 16),
  opening BLOB NOT NULL CHECK (length(opening) BETWEEN 1 AND 32),
  key BLOB NOT NULL,
  base INTEGER NOT NULL,
  seen BLOB NOT NULL,
  until INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  UNIQUE (sender, opening)
) STRICT;
CREATE INDEX chains_until ON chains (until);

CREATE TABLE custody (
  row INTEGER PRIMARY KEY,
  -- A tag and, behind it, a mark: several may be kept under one tag.
  name BLOB NOT NULL UNIQUE CHECK (length(name) = 16),
  address BLOB CHECK (length(address) = 16),
  hint BLOB CHECK (length(hint) = 8),
  origin BLOB NOT NULL CHECK (length(origin) = 16),
  is_senders INTEGER NOT NULL CHECK (is_senders IN (0, 1)),
  priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 3),
  until INTEGER NOT NULL,
  copies INTEGER NOT NULL CHECK (copies > 0),
  sum INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  CHECK ((address IS NULL) <> (hint IS NULL))
) STRICT;
CREATE INDEX custody_until ON custody (until);

CREATE TABLE proofs (
  row INTEGER PRIMARY KEY,
  tag BLOB NOT NULL UNIQUE CHECK (length(tag) = 8),
  ack_key BLOB NOT NULL CHECK (length(ack_key) = 16),
  until INTEGER NOT NULL
) STRICT;
CREATE INDEX proofs_until ON proofs (until);

CREATE TABLE channels (
  row INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  key BLOB NOT NULL CHECK (length(key) = 32),
  sum INTEGER NOT NULL
) STRICT;

CREATE TABLE origins (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  address BLOB NOT NULL UNIQUE CHECK (length(address) = 16),
  heard BLOB NOT NULL CHECK (length(heard) = 16),
  sum INTEGER NOT NULL
) STRICT;

-- A broadcast has an origin or a channel's name, and not both.
CREATE TABLE broadcasts (
  row INTEGER PRIMARY KEY AUTOINCREMENT,
  origin BLOB CHECK (length(origin) = 16),
  channel TEXT,
  port INTEGER NOT NULL,
  id BLOB NOT NULL CHECK (length(id) = 8),
  sent INTEGER NOT NULL,
  at INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  content BLOB NOT NULL,
  CHECK ((origin IS NULL) <> (channel IS NULL))
) STRICT;
`;

/** SQL that brings the store from version n to n + 1, in order. */
export const migrations: readonly string[] = [first];
