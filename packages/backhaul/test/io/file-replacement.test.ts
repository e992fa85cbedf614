/** A file whose content is given another: by a new file, in its place, and when the system or the process gives up on the way. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { type FileCalls, fileCalls } from "@ropewalk/backhaul/io/file-calls";
import { createFileJournal, fileJournalMigrations } from "@ropewalk/backhaul/io/file-journal";
import { type Replacement, replaceFile } from "@ropewalk/backhaul/io/file-replacement";
import { ResolvConfWriter } from "@ropewalk/backhaul/io/resolv-conf-writer";
import { isOurResolvConf } from "@ropewalk/backhaul/pure/resolv-conf-text";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { openStore } from "@ropewalk/ops/store";
import { DyingCalls } from "./dying-calls.ts";
import { ScratchFolder } from "./scratch-folder.ts";

function failing(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: no`), { code });
  };
}

/** As where the file is a mount point of its own. */
const mountPoint: FileCalls = { ...fileCalls, rename: failing("EBUSY") };

function replaced(
  before: string,
  after: string,
  calls: FileCalls,
): { outcome: Replacement; text: string; ino: boolean } {
  using folder = new ScratchFolder();
  const path = folder.write("file", before);
  const { ino, mode, uid: user, gid: group } = statSync(path);
  const shape = { mode: mode & 0o7777, user, group };
  const present = { length: before.length, shape };
  const outcome = replaceFile(path, new TextEncoder().encode(after), { present, shape }, calls);
  assert.deepEqual(readdirSync(folder.path), ["file"]);
  return { outcome, text: readFileSync(path, "utf8"), ino: statSync(path).ino === ino };
}

test("a file is replaced by another one under its name", () => {
  assert.deepEqual(replaced("long before\n", "after\n", fileCalls), {
    ...{ outcome: { kind: "replaced" }, text: "after\n", ino: false },
  });
});

for (const [before, after] of [
  ["a longer text\n", "short\n"],
  ["short\n", "a longer text\n"],
  ["", "text\n"],
] as const) {
  test(`where it cannot be replaced, ${before.length} bytes become ${after.length} in their place`, () => {
    assert.deepEqual(replaced(before, after, mountPoint), {
      ...{ outcome: { kind: "in-place", because: "EBUSY: no" }, text: after, ino: true },
    });
  });
}

for (const [call, code] of [
  ["create", "EACCES"],
  ["write", "ENOSPC"],
  ["changeOwner", "EPERM"],
] as const) {
  test(`a ${call} that fails with ${code} leaves the file and no other`, () => {
    const calls = { ...fileCalls, open: failing("EROFS"), [call]: failing(code) };
    const { outcome, text } = replaced("before\n", "after\n", calls);
    assert.deepEqual([outcome.kind, text], ["refused", "before\n"]);
    assert.match(outcome.kind === "refused" ? outcome.detail : "", new RegExp(`${code}.*EROFS`));
  });
}

test("a disk that fills up while the file grows in its place leaves it as it was", () => {
  let room = 3;
  const write: FileCalls["write"] = (descriptor, bytes, position) => {
    const length = Math.min(room, bytes.length);
    if (length === 0) return failing("ENOSPC")();
    room -= length;
    return fileCalls.write(descriptor, bytes.subarray(0, length), position);
  };
  const { outcome, text } = replaced("short\n", "a longer text\n", { ...mountPoint, create: failing("ENOSPC"), write });
  assert.deepEqual([outcome.kind, text], ["refused", "short\n"]);
});

const original = "search a.example\nnameserver 192.0.2.9\noptions edns0\n";
const ask = (...servers: readonly string[]) =>
  ({
    kind: "ask",
    links: [{ ifindex: 2, name: "wan0", servers: servers.map(ipAddress), source: "lease" }],
    others: [],
  }) as const;

/** From a file as it was: one uplink, the next with a longer list, the first again, and all given back. */
function wholeLife(writer: ResolvConfWriter): void {
  writer.follow(ask("192.0.2.1"));
  writer.follow(ask("198.51.100.2", "2001:db8:2::53"));
  writer.follow(ask("192.0.2.1"));
  writer.restore();
}

for (const [manner, override] of [
  ["by new files", {}],
  ["in its place", { rename: failing("EBUSY") }],
] as const) {
  test(`killed before any step of a life that writes ${manner}, what is read is whole, and the next run follows and gives back`, () => {
    for (let step = 0; ; step += 1) {
      using dying = new DyingCalls(step);
      using folder = new ScratchFolder();
      const path = folder.write("resolv.conf", original);
      const { store } = openStore(":memory:", { migrations: fileJournalMigrations, clock: new FakeClock() });
      using _store = store;
      const journal = createFileJournal(store);
      wholeLife(new ResolvConfWriter(path, dying.journal(journal), { ...dying.calls, ...override }));
      const left = readFileSync(path, "utf8");
      assert.ok(isOurResolvConf(left) || left.trimEnd() === original.trimEnd(), `step ${step} left ${left}`);
      if (!dying.isDead) {
        assert.ok(step > 15, `a life has only ${step} steps`);
        return;
      }
      const next = () => new ResolvConfWriter(path, journal, { ...fileCalls, ...override });
      next().restore();
      assert.equal(readFileSync(path, "utf8"), original, `given back after step ${step}`);
      assert.deepEqual([journal.all(), readdirSync(folder.path)], [[], ["resolv.conf"]]);
    }
  });

  test(`killed before any step of writing ${manner}, the next run follows on and gives back byte for byte`, () => {
    for (let step = 0, isDead = true; isDead; step += 1) {
      using dying = new DyingCalls(step);
      using folder = new ScratchFolder();
      const path = folder.write("resolv.conf", original);
      const { store } = openStore(":memory:", { migrations: fileJournalMigrations, clock: new FakeClock() });
      using _store = store;
      const journal = createFileJournal(store);
      wholeLife(new ResolvConfWriter(path, dying.journal(journal), { ...dying.calls, ...override }));
      isDead = dying.isDead;
      const next = new ResolvConfWriter(path, journal, { ...fileCalls, ...override });
      next.follow(ask("203.0.113.3"));
      assert.match(readFileSync(path, "utf8"), /^nameserver 203\.0\.113\.3$/m, `followed after step ${step}`);
      next.restore();
      assert.equal(readFileSync(path, "utf8"), original, `given back after step ${step}`);
    }
  });
}
