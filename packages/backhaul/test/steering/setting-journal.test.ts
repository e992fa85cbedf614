/** The journal of changed settings, on a real store. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createSettingJournal, settingJournalMigrations } from "@ropewalk/backhaul/steering/setting-journal";
import type { ChangedSetting } from "@ropewalk/host/settings";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { openStore } from "@ropewalk/ops/store";

const filter: ChangedSetting = {
  ...{ kind: "interface", family: "ipv4", interfaceName: "wan0", name: "rp_filter" },
  ...{ original: 1, value: 2 },
};
const hash: ChangedSetting = {
  ...{ kind: "host", family: "ipv6", name: "fib_multipath_hash_policy" },
  ...{ original: 0, value: 1 },
};

test("what was put is there after the program ended, once for each setting, until it is removed", () => {
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-test-"));
  try {
    const open = () => {
      const { store } = openStore(join(folder, "node.db"), {
        migrations: settingJournalMigrations,
        clock: new FakeClock(),
      });
      return { store, journal: createSettingJournal(store) };
    };
    const first = open();
    first.journal.put(filter);
    first.journal.put(hash);
    first.journal.put({ ...filter, value: 0 });
    first.store[Symbol.dispose]();
    const second = open();
    assert.deepEqual(second.journal.all().toSorted(byFamily), [{ ...filter, value: 0 }, hash]);
    second.journal.remove(filter);
    second.journal.remove(filter);
    assert.deepEqual(second.journal.all(), [hash]);
    second.store[Symbol.dispose]();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function byFamily(a: ChangedSetting, b: ChangedSetting): number {
  return a.family < b.family ? -1 : 1;
}
