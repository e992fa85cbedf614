/** The journal of deprecated addresses, on a real store. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLifetimeJournal, lifetimeJournalMigrations } from "@ropewalk/backhaul/steering/lifetime-journal";
import type { LivingAddress } from "@ropewalk/host/address-lifetimes";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { seconds } from "@ropewalk/kernel/units";
import { openStore } from "@ropewalk/ops/store";

const address = ipAddress("2001:db8::2");
const fixed: LivingAddress = { ifindex: 1, address, preferred: "forever", valid: "forever" };
const leased: LivingAddress = { ifindex: 2, address, preferred: seconds(4_294_967_294), valid: seconds(0) };

test("what was put is there after the program ended, once for each address, until it is removed", () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
  try {
    const open = () => {
      const { store } = openStore(join(folder, "node.db"), {
        migrations: lifetimeJournalMigrations,
        clock: new FakeClock(),
      });
      return { store, journal: createLifetimeJournal(store) };
    };
    const first = open();
    first.journal.put({ ...fixed, preferred: seconds(3) });
    first.journal.put(leased);
    first.journal.put(fixed);
    assert.deepEqual(first.journal.all(), [leased, fixed]);
    first.store[Symbol.dispose]();
    const second = open();
    assert.deepEqual(
      second.journal.all().toSorted((a, b) => a.ifindex - b.ifindex),
      [fixed, leased],
    );
    second.journal.remove(fixed);
    second.journal.remove(fixed);
    assert.deepEqual(second.journal.all(), [leased]);
    second.store[Symbol.dispose]();
    const third = open();
    assert.deepEqual(third.journal.all(), [leased]);
    third.store[Symbol.dispose]();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what could not be written was not put, and what could not be removed is still there", () => {
  using store = openStore(":memory:", { migrations: lifetimeJournalMigrations, clock: new FakeClock() }).store;
  let fault: string | undefined;
  const journal = createLifetimeJournal({
    all: (sql) => store.all(sql),
    run(sql, ...parameters) {
      if (fault !== undefined) throw new Error(fault);
      return store.run(sql, ...parameters);
    },
  });
  journal.put(fixed);
  fault = "disk full";
  assert.throws(() => journal.put(leased), /disk full/);
  assert.throws(() => journal.remove(fixed), /disk full/);
  assert.deepEqual(journal.all(), [fixed]);
});
