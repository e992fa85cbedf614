import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { FolderWatch } from "@ropewalk/backhaul/io/folder-watch";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { eventually } from "./eventually.ts";
import { ScratchFolder } from "./scratch-folder.ts";

/** A watch that counts what it tells, on the real clock. */
function countingWatch(paths: readonly string[], fileName?: string) {
  const told = { changes: 0 };
  const folders = paths.map((path) => (fileName === undefined ? { path } : { path, fileName }));
  const watch = new FolderWatch(
    () => folders,
    createSystemClock(),
    () => {
      told.changes += 1;
    },
  );
  return { told, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

test("a new file, a rewritten one and a removed one are each told", async () => {
  using folder = new ScratchFolder();
  using watch = countingWatch([folder.path]);
  for (const change of [
    () => folder.write("lease", "1"),
    () => folder.write("lease", "2"),
    () => rmSync(folder.in("lease")),
  ]) {
    const before = watch.told.changes;
    change();
    await eventually(
      () => watch.told.changes,
      (changes) => changes > before,
    );
  }
});

test("a file replaced by rename, as resolvers are, is told by its name", async () => {
  using folder = new ScratchFolder();
  using watch = countingWatch([folder.path], "resolv.conf");
  folder.write("resolv.conf.new", "nameserver 192.0.2.53\n");
  renameSync(folder.in("resolv.conf.new"), folder.in("resolv.conf"));
  await eventually(
    () => watch.told.changes,
    (changes) => changes === 1,
  );
});

test("other files of a folder in which one is watched are not told", async () => {
  using folder = new ScratchFolder();
  using other = countingWatch([folder.path]);
  using watch = countingWatch([folder.path], "resolv.conf");
  folder.write("passwd", "x");
  await eventually(
    () => other.told.changes,
    (changes) => changes > 0,
  );
  assert.equal(watch.told.changes, 0);
});

test("a burst of changes is told once", async () => {
  using folder = new ScratchFolder();
  using watch = countingWatch([folder.path]);
  for (let index = 0; index < 200; index += 1) writeFileSync(folder.in(`lease-${index}`), "x");
  await eventually(
    () => watch.told.changes,
    (changes) => changes > 0,
  );
  assert.ok(watch.told.changes <= 2, `told ${watch.told.changes} times`);
});

test("a folder that is not there is tolerated, and found at the next beat", () => {
  using folder = new ScratchFolder();
  const clock = new FakeClock();
  let changes = 0;
  using watch = new FolderWatch(
    () => [{ path: folder.in("later") }],
    clock,
    () => {
      changes += 1;
    },
  );
  assert.equal(changes, 0);
  mkdirSync(folder.in("later"));
  clock.advance(seconds(61));
  assert.equal(changes, 1);
  watch.touch();
  clock.advance(millis(50));
  assert.equal(changes, 2);
});

test("a folder that was removed and made again is watched again after the next change or beat", async () => {
  using folder = new ScratchFolder();
  mkdirSync(folder.in("leases"));
  using watch = countingWatch([folder.in("leases")]);
  rmSync(folder.in("leases"), { recursive: true });
  mkdirSync(folder.in("leases"));
  await eventually(
    () => watch.told.changes,
    (changes) => changes > 0,
  );
  const before = watch.told.changes;
  folder.write("leases/2", "x");
  await eventually(
    () => watch.told.changes,
    (changes) => changes > before,
  );
});

test("nothing is told, and no timer is left, after it is disposed", () => {
  using folder = new ScratchFolder();
  const clock = new FakeClock();
  const watch = new FolderWatch(
    () => [{ path: folder.path }],
    clock,
    () => assert.fail("told after the end"),
  );
  watch.touch();
  watch[Symbol.dispose]();
  clock.advance(seconds(600));
  assert.deepEqual(clock.pendingTimers(), []);
});
