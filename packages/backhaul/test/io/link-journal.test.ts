/** The journal of links that systemd-resolved was told of, on a real store. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLinkJournal, linkJournalMigrations } from "@ropewalk/backhaul/io/link-journal";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { openStore } from "@ropewalk/ops/store";
import { ScratchFolder } from "./scratch-folder.ts";

test("a link is there after the program ended, once and by its newest name, until it is removed", () => {
  using folder = new ScratchFolder();
  const open = () => {
    const clock = new FakeClock();
    const { store } = openStore(folder.in("node.db"), { migrations: linkJournalMigrations, clock });
    return { store, journal: createLinkJournal(store) };
  };
  const first = open();
  for (const name of ["wan0", "lte0"]) first.journal.put({ ifindex: 3, name });
  first.journal.put({ ifindex: 2, name: "wan1" });
  first.store[Symbol.dispose]();
  const second = open();
  assert.deepEqual(second.journal.all(), [
    { ifindex: 2, name: "wan1" },
    { ifindex: 3, name: "lte0" },
  ]);
  second.journal.remove(3);
  second.journal.remove(3);
  assert.deepEqual(second.journal.all(), [{ ifindex: 2, name: "wan1" }]);
  second.store[Symbol.dispose]();
});
