import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { listBoundedFolder, readBoundedFile } from "@ropewalk/backhaul/io/bounded-file";
import { bytes } from "@ropewalk/kernel/units";
import { ScratchFolder } from "./scratch-folder.ts";

const limit = bytes(1024);

test("a file comes with its content and the time it was written", () => {
  using folder = new ScratchFolder();
  const file = folder.write("lease", "abc", 1_795_178_321_000);
  const content = readBoundedFile(file, limit);
  assert.deepEqual(content, { kind: "content", bytes: Uint8Array.from([97, 98, 99]), modifiedAt: 1_795_178_321_000 });
});

test("nothing there, a folder on the way that is a file, and a dangling link are absent", () => {
  using folder = new ScratchFolder();
  const file = folder.write("file", "");
  symlinkSync(folder.in("nowhere"), folder.in("dangling"));
  for (const path of [folder.in("none"), `${file}/below`, folder.in("dangling")]) {
    assert.deepEqual(readBoundedFile(path, limit), { kind: "absent" }, path);
  }
});

test("a file beyond the limit is not read", () => {
  using folder = new ScratchFolder();
  assert.equal(readBoundedFile(folder.write("fits", "x".repeat(1024)), limit).kind, "content");
  assert.deepEqual(readBoundedFile(folder.write("large", "x".repeat(1025)), limit), {
    kind: "unreadable",
    reason: "it has more than 1024 bytes",
  });
});

test("a FIFO without a writer, a folder and a loop of links are refused at once", () => {
  using folder = new ScratchFolder();
  spawnSync("mkfifo", [folder.in("fifo")]);
  mkdirSync(folder.in("folder"));
  symlinkSync("loop", folder.in("loop"));
  assert.deepEqual(readBoundedFile(folder.in("fifo"), limit), {
    kind: "unreadable",
    reason: "it is not a regular file",
  });
  assert.equal(readBoundedFile(folder.in("folder"), limit).kind, "unreadable");
  assert.deepEqual(readBoundedFile(folder.in("loop"), limit), { kind: "unreadable", reason: "ELOOP" });
});

test("a folder gives the names that are wanted, sorted, and no more than the limit", () => {
  using folder = new ScratchFolder();
  for (const name of ["b.lease", "a.lease", "c.lease", "other"]) folder.write(name, "");
  const isWanted = (name: string) => name.endsWith(".lease");
  assert.deepEqual(listBoundedFolder(folder.path, 9, isWanted), {
    kind: "content",
    names: ["a.lease", "b.lease", "c.lease"],
  });
  const two = listBoundedFolder(folder.path, 2, isWanted);
  assert.equal(two.kind === "content" && two.names.length, 2);
  assert.deepEqual(listBoundedFolder(folder.in("none"), 9, isWanted), { kind: "absent" });
});

test("a folder with too many entries is not searched to its end", () => {
  using folder = new ScratchFolder();
  for (let index = 0; index < 5000; index += 1) folder.write(`file-${index}`, "");
  let looked = 0;
  listBoundedFolder(folder.path, 9, () => {
    looked += 1;
    return false;
  });
  assert.equal(looked, 4096);
});
