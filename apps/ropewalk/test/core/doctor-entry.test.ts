/** What `ropewalk doctor` finds of entry. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DatabaseTold } from "@ropewalk/entry/io/database-told";
import { seconds } from "@ropewalk/kernel/units";
import { type EntryFacts, entryFindings } from "../../src/doctor/entry.ts";

const told: DatabaseTold = {
  ...{ version: 150_018, fsync: true, fullPageWrites: true, aheadMs: 3 },
  exits: [{ name: "vie-1", admission: "open", heardAgoMs: 4_000 }],
};
const facts: EntryFacts = { database: { kind: "answers", told }, disk: { path: "/d", freeBytes: 4e9 }, gates: [] };
const config = { nodes: { freshness: seconds(60) } } as Parameters<typeof entryFindings>[0];
const found = (given: Partial<EntryFacts>) => entryFindings(config, { ...facts, ...given });
const lacks = (given: Partial<EntryFacts>) =>
  found(given)
    .filter(({ state }) => state === "lack")
    .map(({ name, text, cure }) => `${name}: ${text}: ${cure}`)
    .join();
const saying = (changed: Partial<DatabaseTold>) =>
  lacks({ database: { kind: "answers", told: { ...told, ...changed } } });

test("a good entry lacks nothing, and its exits are named with when they were heard", () => {
  assert.equal(lacks({}), "");
  assert.deepEqual(
    found({}).map(({ name, text }) => `${name}: ${text}`),
    [
      "entry's database: PostgreSQL 15 answers",
      "clock: the database's is 3 ms ahead of this machine's",
      "entry's disk: 4 GB free at /d",
      "exit vie-1: heard 4 s ago",
    ],
  );
});

test("what a database does wrong is told with its cure", () => {
  assert.match(
    lacks({ database: { kind: "away", why: "it does not answer" } }),
    /^entry's database: it does not answer/,
  );
  assert.match(saying({ version: 140_011 }), /PostgreSQL 14 answers: PostgreSQL 15 or later/);
  assert.match(saying({ fsync: false }), /fsync is off: fsync = on/);
  assert.match(saying({ fullPageWrites: false }), /full_page_writes is off/);
  assert.match(saying({ aheadMs: -5_000 }), /clock: the database's is 5 s behind this machine's: set both by NTP/);
});

test("its own database that does not run is no lack, and a full disk is one", () => {
  assert.equal(lacks({ database: { kind: "stopped" } }), "");
  assert.match(lacks({ disk: { path: "/d", freeBytes: 1e6 } }), /entry's disk: 1 MB free at \/d: make room/);
});

test("an exit that is open and was not heard of is a lack, one that is taken out of use is not", () => {
  const silent = { name: "ber-1", heardAgoMs: 90_000 };
  assert.match(
    saying({ exits: [{ ...silent, admission: "open" }] }),
    /exit ber-1: heard 90 s ago: ropewalk core status/,
  );
  assert.match(saying({ exits: [{ name: "a", admission: "open", heardAgoMs: undefined }] }), /exit a: never heard of/);
  assert.equal(saying({ exits: [{ ...silent, admission: "draining" }] }), "");
  assert.equal(saying({ exits: [] }), "");
  assert.equal(saying({ exits: undefined }), "");
});

test("in production each gate that fails is a lack", () => {
  const gates = [{ name: "nodes", state: "fails", reason: "no node can tell of itself" } as const];
  assert.match(lacks({ gates }), /^entry in production: nodes: no node can tell of itself/);
});
