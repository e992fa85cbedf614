/** Settings that are changed, given back, and fought over, with files and a journal in memory that can fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingKeeper } from "@ropewalk/host/setting-keeper";
import {
  type ChangedSetting,
  type Setting,
  type SettingFiles,
  type SettingJournal,
  settingPath,
  type WantedSetting,
} from "@ropewalk/host/settings";

const filter: Setting = { kind: "interface", family: "ipv4", interfaceName: "wan0", name: "rp_filter" };
const loose: WantedSetting = { ...filter, value: 2 };
const skip: WantedSetting = { ...filter, name: "ignore_routes_with_linkdown", value: 1 };
const hash: WantedSetting = { kind: "host", family: "ipv4", name: "fib_multipath_hash_policy", value: 1 };

/** Whatever dies between two steps leaves these as they are. */
function createRig() {
  const values = new Map([
    [settingPath(filter), 1],
    [settingPath(skip), 0],
    [settingPath(hash), 0],
  ]);
  const kept = new Map<string, ChangedSetting>();
  const faults: { write?: string; journal?: string } = {};
  const files: SettingFiles = {
    read: (setting) => values.get(settingPath(setting)),
    write(wanted) {
      if (faults.write === undefined) values.set(settingPath(wanted), wanted.value);
      return faults.write;
    },
  };
  const journal: SettingJournal = {
    all: () => [...kept.values()],
    put(changed) {
      if (faults.journal !== undefined) throw new Error(faults.journal);
      kept.set(settingPath(changed), changed);
    },
    remove(setting) {
      if (faults.journal !== undefined) throw new Error(faults.journal);
      kept.delete(settingPath(setting));
    },
  };
  const keeper = new SettingKeeper(files, journal);
  const want = (...wanted: readonly WantedSetting[]) => keeper.want(wanted).map(({ result }) => result.kind);
  return { values, kept, faults, want };
}

test("what is wanted is made so once, and given back as it was", () => {
  const { values, kept, want } = createRig();
  const before = new Map(values);
  assert.deepEqual(want(loose, skip, hash), ["changed", "changed", "changed"]);
  assert.deepEqual([...values.values()], [2, 1, 1]);
  assert.deepEqual(want(loose, skip, hash), []);
  assert.deepEqual(want(skip), ["restored", "restored"]);
  assert.deepEqual(want(), ["restored"]);
  assert.deepEqual(values, before);
  assert.equal(kept.size, 0);
});

test("a setting that is as wanted already is nobody's to give back", () => {
  const { values, kept, want } = createRig();
  values.set(settingPath(loose), 2);
  assert.deepEqual(want(loose), []);
  assert.equal(kept.size, 0);
  assert.deepEqual(want(), []);
  assert.equal(values.get(settingPath(loose)), 2);
});

test("who changes it meanwhile keeps his value when we go, and does not while we stay", () => {
  const { values, want } = createRig();
  want(loose);
  values.set(settingPath(loose), 0);
  assert.deepEqual(want(loose), ["changed"]);
  values.set(settingPath(loose), 0);
  assert.deepEqual(want(), ["given-up"]);
  assert.equal(values.get(settingPath(loose)), 0);
});

test("the first original is the one that is given back, however often it was changed", () => {
  const { values, want } = createRig();
  want(loose);
  values.set(settingPath(loose), 0);
  want(loose);
  assert.deepEqual(want(), ["restored"]);
  assert.equal(values.get(settingPath(loose)), 1);
});

test("nothing is changed that could not be given back", () => {
  const { values, faults, want } = createRig();
  faults.journal = "disk full";
  assert.deepEqual(want(loose), ["refused"]);
  assert.equal(values.get(settingPath(loose)), 1);
});

test("a death after the journal and before the file, or after both, is made good by the next run", () => {
  const { values, kept, faults, want } = createRig();
  faults.write = "killed";
  want(loose);
  assert.equal(kept.size, 1);
  delete faults.write;
  assert.deepEqual(want(), ["given-up"], "it never was ours");
  assert.equal(values.get(settingPath(loose)), 1);
  want(loose);
  assert.deepEqual(want(), ["restored"]);
});

test("an interface that is gone takes its settings along", () => {
  const { values, kept, want } = createRig();
  want(loose);
  values.clear();
  assert.deepEqual(want(loose), []);
  assert.deepEqual(want(), ["given-up"]);
  assert.equal(kept.size, 0);
});

test("what cannot be given back is kept in mind until it can", () => {
  const { faults, kept, want } = createRig();
  want(loose);
  faults.write = "read-only file system";
  assert.deepEqual(want(), ["refused"]);
  assert.equal(kept.size, 1);
  delete faults.write;
  assert.deepEqual(want(), ["restored"]);
});

test("a journal that fails keeps nothing from being given back, and is told of until it forgets", () => {
  const { values, faults, kept, want } = createRig();
  const before = new Map(values);
  want(loose, skip);
  faults.journal = "disk full";
  assert.deepEqual(want(), ["refused", "refused"]);
  assert.deepEqual(values, before);
  delete faults.journal;
  assert.deepEqual(want(), ["given-up", "given-up"]);
  assert.equal(kept.size, 0);
});
