/** The decision log on disks that are full, read-only or pulled away, and in a process that is killed in the midst of a line. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { listSegments, segmentName } from "@ropewalk/backhaul/io/segment-files";
import { readSegment } from "@ropewalk/backhaul/io/segment-lines";
import { DecisionReplay } from "@ropewalk/backhaul/pure/replay/replay";
import { seconds } from "@ropewalk/kernel/units";
import { eventually } from "../io/eventually.ts";
import { assertIdentical, Recording } from "../io/recording.ts";
import { ScratchFolder } from "../io/scratch-folder.ts";
import { inOwnMachine } from "./in-own-machine.ts";

const program = fileURLToPath(new URL("./recording-main.ts", import.meta.url));
const kept = { enabled: true, segmentBytes: 64 * 1024, segments: 3 };

/** A disk of its own for a test, gone with its namespace. */
function mountDisk(path: string, size: string): void {
  mkdirSync(path, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
}

inOwnMachine(fileURLToPath(import.meta.url), () => {
  test("a full disk costs records, which are counted; with room again a new segment begins, and no file has a hole", async () => {
    mountDisk("/run/full", "512k");
    await using recording = await Recording.open("/run/full/decisions", kept);
    recording.decide(true);
    await eventually(
      () => recording.linesOf().length,
      (count) => count === 4,
    );
    assert.throws(() => writeFileSync("/run/full/filler", new Uint8Array(600 * 1024)), { code: "ENOSPC" });
    for (let turn = 0; recording.reason === null; turn += 1) {
      recording.decide(turn % 2 === 0);
      await delay(1);
    }
    assert.match(recording.reason ?? "", /^decisions are not recorded in \/run\/full\/decisions: ENOSPC/);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      recording.pass(seconds(10));
      const { lost } = recording.log.counts;
      recording.decide(attempt % 2 === 0);
      await eventually(
        () => recording.log.counts.lost,
        (now) => now === lost + 3,
      );
    }
    assert.deepEqual(
      recording.names(),
      ["decisions-000001.jsonl"],
      "attempts leave nothing behind and cost no older segment",
    );
    rmSync("/run/full/filler");
    recording.pass(seconds(10));
    recording.decide(true);
    recording.decide(false);
    await eventually(
      () => recording.reason,
      (reason) => reason === null,
    );
    await recording.log[Symbol.asyncDispose]();
    const [, second] = recording.headers();
    assert.deepEqual(second?.opening, { kind: "lost", records: recording.log.counts.lost });
    assert.equal(second?.segment, 2);
    assertIdentical(recording.linesOf());
  });

  test("a disk that has become read-only is told, and recording goes on when it is not any more", async () => {
    mountDisk("/run/read-only", "8m");
    await using recording = await Recording.open("/run/read-only/decisions", kept);
    recording.decide(true);
    await recording.log[Symbol.asyncDispose]();
    execFileSync("mount", ["-o", "remount,ro", "/run/read-only"]);
    recording.log.reconfigure(kept);
    recording.decide(false);
    await eventually(
      () => recording.reason,
      (reason) => /EROFS/.test(reason ?? ""),
    );
    execFileSync("mount", ["-o", "remount,rw", "/run/read-only"]);
    recording.pass(seconds(10));
    recording.decide(true);
    await eventually(
      () => recording.reason,
      (reason) => reason === null,
    );
    await recording.log[Symbol.asyncDispose]();
    assertIdentical(recording.linesOf());
  });

  test("killed at any moment, a node leaves segments that replay; the next one goes on with the numbers", async () => {
    using scratch = new ScratchFolder();
    const folder = scratch.in("decisions");
    const newest = async () => (await listSegments(folder).catch(() => [])).at(-1) ?? 0;
    let highest = 0;
    for (let turn = 1; turn <= 4; turn += 1) {
      const child = spawn(process.execPath, [...process.execArgv, program, folder, String(turn)], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      const before = highest;
      await eventually(newest, (segment) => segment > before);
      await delay(turn * 31);
      child.kill("SIGKILL");
      await once(child, "exit");
      highest = await newest();
      await assertReplays(folder, await listSegments(folder));
    }
    assert.ok(highest >= 4, `only ${highest} segments were written`);
  });

  test("a segment that is cut at any octet replays up to the last whole line", async () => {
    using scratch = new ScratchFolder();
    await using recording = await Recording.open(scratch.in("decisions"), kept);
    for (let turn = 0; turn < 8; turn += 1) recording.decide(turn % 2 === 0);
    await recording.log[Symbol.asyncDispose]();
    const whole = readFileSync(join(recording.folder, segmentName(1)));
    mkdirSync(scratch.in("cut"));
    for (let length = whole.length - 3_000; length < whole.length; length += 23) {
      writeFileSync(scratch.in("cut", segmentName(1)), whole.subarray(0, length));
      await assertReplays(scratch.in("cut"), [1]);
    }
  });
});

async function assertReplays(folder: string, segments: readonly number[]): Promise<void> {
  const replay = new DecisionReplay();
  for (const segment of segments) {
    for await (const piece of readSegment(join(folder, segmentName(segment)))) {
      for (const line of piece.kind === "lines" ? piece.lines : []) {
        const told = replay.take(line);
        assert.ok(
          told.kind !== "different" && told.kind !== "unreadable",
          `segment ${segment}: ${JSON.stringify(told)}`,
        );
      }
    }
  }
}
