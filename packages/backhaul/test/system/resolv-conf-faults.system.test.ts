/** resolv.conf on disks that are read-only, full or mounted apart, and a file that nobody may change. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileCalls } from "@ropewalk/backhaul/io/file-calls";
import { createFileJournal, fileJournalMigrations } from "@ropewalk/backhaul/io/file-journal";
import { ResolvConfWriter } from "@ropewalk/backhaul/io/resolv-conf-writer";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { openStore } from "@ropewalk/ops/store";
import { inOwnMachine } from "./in-own-machine.ts";

const original = "search a.example\nnameserver 192.0.2.9\n";
const servers = [ipAddress("192.0.2.1")];
const plan = { kind: "ask", links: [{ ifindex: 2, name: "wan0", servers, source: "lease" }], others: [] } as const;

inOwnMachine(import.meta.filename, () => {
  /** A disk of its own with a resolv.conf on it. */
  function disk(name: string, content = original) {
    const folder = `/run/${name}`;
    const file = `${folder}/resolv.conf`;
    mkdirSync(folder);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
    writeFileSync(file, content);
    const { store } = openStore(":memory:", { migrations: fileJournalMigrations, clock: new FakeClock() });
    return { folder, file, writer: new ResolvConfWriter(file, createFileJournal(store), fileCalls) };
  }

  const mount = (...options: readonly string[]) => execFileSync("mount", options);

  const fill = (folder: string) =>
    assert.throws(() => writeFileSync(`${folder}/filler`, new Uint8Array(128 * 1024)), { code: "ENOSPC" });

  test("a read-only disk is refused with its reason", () => {
    const { folder, file, writer } = disk("read-only");
    mount("-o", "remount,ro", folder);
    const outcome = writer.follow(plan);
    assert.match(outcome.kind === "refused" ? outcome.detail : "", /EROFS.*EROFS/);
    assert.equal(readFileSync(file, "utf8"), original);
    assert.deepEqual(writer.restore(), [{ what: file, result: { kind: "restored" } }]);
  });

  test("a file that is mounted from elsewhere into a read-only folder is written in its place and given back", () => {
    const { folder, file, writer } = disk("mounted");
    const { file: elsewhere } = disk("elsewhere");
    mount("--bind", elsewhere, file);
    mount("-o", "remount,ro", folder);
    const outcome = writer.follow(plan);
    assert.match(
      outcome.kind === "written" && outcome.manner.kind === "in-place" ? outcome.manner.because : "",
      /EROFS/,
    );
    assert.match(readFileSync(elsewhere, "utf8"), /^nameserver 192\.0\.2\.1$/m);
    assert.deepEqual(writer.restore(), [{ what: file, result: { kind: "restored" } }]);
    assert.equal(readFileSync(elsewhere, "utf8"), original);
  });

  test("on a full disk what is there already has room to be written over", () => {
    const { folder, file, writer } = disk("full");
    fill(folder);
    const outcome = writer.follow(plan);
    assert.match(
      outcome.kind === "written" && outcome.manner.kind === "in-place" ? outcome.manner.because : "",
      /ENOSPC/,
    );
    assert.deepEqual(writer.restore(), [{ what: file, result: { kind: "restored" } }]);
    assert.equal(readFileSync(file, "utf8"), original);
  });

  test("on a full disk a file that has no room of its own is refused and stays", () => {
    const { folder, file, writer } = disk("full-and-empty", "");
    fill(folder);
    const outcome = writer.follow(plan);
    assert.match(outcome.kind === "refused" ? outcome.detail : "", /ENOSPC.*ENOSPC/);
    assert.equal(readFileSync(file, "utf8"), "");
  });
});
