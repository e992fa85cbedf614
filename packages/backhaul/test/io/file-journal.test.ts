/** The journal of changed files, on a real store. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFileJournal, fileJournalMigrations } from "@ropewalk/backhaul/io/file-journal";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { openStore } from "@ropewalk/ops/store";
import { ScratchFolder } from "./scratch-folder.ts";

test("a file comes back byte for byte with its mode and owner after the program ended, until it is removed", () => {
  using folder = new ScratchFolder();
  const open = () => {
    const clock = new FakeClock();
    const { store } = openStore(folder.in("node.db"), { migrations: fileJournalMigrations, clock });
    return { store, journal: createFileJournal(store) };
  };
  const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
  const shape = { mode: 0o640, user: 7, group: 9 };
  const file = { path: "/etc/resolv.conf", original: { content: everyByte, shape } };
  const absent = { path: "/etc/other", original: undefined };
  const empty = { path: "/etc/third", original: { content: new Uint8Array(), shape } };
  const first = open();
  first.journal.put({ ...file, original: undefined });
  for (const each of [file, absent, empty]) first.journal.put(each);
  first.store[Symbol.dispose]();
  const second = open();
  assert.deepEqual(second.journal.all(), [absent, file, empty]);
  second.journal.remove(file.path);
  second.journal.remove(file.path);
  assert.deepEqual(second.journal.all(), [absent, empty]);
  second.store[Symbol.dispose]();
});
