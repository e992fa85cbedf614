/** The decision log on a real folder: what is in the files, how much is kept, and what happens when the folder fails. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { initialState } from "@ropewalk/backhaul/pure/machine";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { millis, seconds } from "@ropewalk/kernel/units";
import { replayed } from "../replay/recorded-life.ts";
import { eventually } from "./eventually.ts";
import { assertIdentical, Recording, small } from "./recording.ts";
import { ScratchFolder } from "./scratch-folder.ts";

test("a segment opens with the version, the configuration and the state, for its owner's eyes alone", async () => {
  using scratch = new ScratchFolder();
  await using recording = await Recording.open(scratch.in("decisions"));
  recording.decide(true);
  await recording.log[Symbol.asyncDispose]();
  assert.deepEqual(recording.names(), ["decisions-000001.jsonl"]);
  const [header] = recording.headers();
  assert.deepEqual([header?.version, header?.segment, header?.opening], ["0.1.0", 1, { kind: "start" }]);
  assert.equal(header?.wall, "2026-01-01T00:00:00.000Z");
  assert.deepEqual(header?.state, initialState);
  assert.equal(statSync(`${recording.folder}/decisions-000001.jsonl`).mode & 0o777, 0o600);
  assert.equal(statSync(recording.folder).mode & 0o777, 0o700);
  assertIdentical(recording.linesOf());
});

test("a decision is on the disk at once, all else within a second", async () => {
  using scratch = new ScratchFolder();
  await using recording = await Recording.open(scratch.in("decisions"));
  recording.decide(true);
  await eventually(
    () => recording.names().length,
    (count) => count === 1,
  );
  await eventually(
    () => recording.linesOf().length,
    (count) => count === 4,
  );
  recording.idle(3);
  assert.deepEqual(recording.clock.pendingTimers(), ["decision log"]);
  recording.pass(seconds(1));
  await eventually(
    () => recording.linesOf().length,
    (count) => count === 7,
  );
  assert.deepEqual(recording.clock.pendingTimers(), []);
});

test("a full segment is followed by the next, whose state is the one that the first led to", async () => {
  using scratch = new ScratchFolder();
  await using recording = await Recording.open(scratch.in("decisions"));
  for (let turn = 0; turn < 200; turn += 1) {
    recording.pass(millis(50));
    recording.decide(turn % 2 === 0);
  }
  await recording.log[Symbol.asyncDispose]();
  const segments = recording.headers().map(({ segment, opening }) => `${segment} ${opening.kind}`);
  assert.ok(segments.length >= 2, "it rotated");
  assert.deepEqual(
    segments.slice(1).every((text) => text.endsWith(" full")),
    true,
  );
  const told = replayed(recording.linesOf());
  assert.equal(told.filter((line) => line.kind === "opened" && line.isContinued).length, segments.length - 1);
  assertIdentical(recording.linesOf());
  for (const name of recording.names()) assertIdentical(recording.linesOf(name));
});

test("the oldest go, so that never more is kept than was asked for", async () => {
  using scratch = new ScratchFolder();
  await using recording = await Recording.open(scratch.in("decisions"));
  for (let turn = 0; turn < 60; turn += 1) {
    recording.idle(200);
    recording.decide(turn % 2 === 0);
    await recording.log[Symbol.asyncDispose]().then(() => recording.log.reconfigure(small));
  }
  const numbers = recording.headers().map(({ segment }) => segment);
  const bytes = recording.names().reduce((sum, name) => sum + statSync(`${recording.folder}/${name}`).size, 0);
  assert.equal(numbers.at(-1), 60);
  assert.ok((numbers[0] ?? 0) > 1, "the first are gone");
  assert.ok(bytes <= small.segmentBytes * small.segments, `${bytes} octets are kept`);
  assert.ok(numbers.length <= 30);
});

test("a restart goes on with the numbers and begins a segment of its own", async () => {
  using scratch = new ScratchFolder();
  const folder = scratch.in("decisions");
  for (const expected of [1, 2, 3]) {
    await using recording = await Recording.open(folder);
    recording.decide(true);
    await recording.log[Symbol.asyncDispose]();
    assert.equal(recording.headers().at(-1)?.segment, expected);
    assert.deepEqual(recording.headers().at(-1)?.opening, { kind: "start" });
  }
});

test("files of others in the folder are neither counted nor removed", async () => {
  using scratch = new ScratchFolder();
  scratch.write("decisions/notes.txt", "mine");
  scratch.write("decisions/decisions-1.jsonl", "mine");
  await using recording = await Recording.open(scratch.in("decisions"));
  recording.decide(true);
  await recording.log[Symbol.asyncDispose]();
  assert.deepEqual(recording.names(), ["decisions-000001.jsonl", "decisions-1.jsonl", "notes.txt"]);
});

test("a folder that cannot be made costs records, which are counted, and nothing else", async () => {
  using scratch = new ScratchFolder();
  scratch.write("decisions", "a file stands in its place");
  await using recording = await Recording.open(scratch.in("decisions"));
  recording.decide(true);
  await eventually(
    () => recording.reason,
    (reason) => /^decisions are not recorded in .*ENOTDIR/.test(reason ?? ""),
  );
  assert.deepEqual(recording.log.counts, { records: 3, lost: 3 });
  recording.idle(5);
  assert.deepEqual(recording.log.counts, { records: 8, lost: 8 });
  rmSync(scratch.in("decisions"));
  recording.pass(seconds(10));
  recording.decide(false);
  await eventually(
    () => recording.reason,
    (reason) => reason === null,
  );
  await recording.log[Symbol.asyncDispose]();
  assert.deepEqual(
    recording.headers().map(({ segment, opening }) => ({ segment, opening })),
    [{ segment: 1, opening: { kind: "lost", records: 8 } }],
  );
  assert.deepEqual(recording.log.counts, { records: 11, lost: 8 });
  assertIdentical(recording.linesOf());
});

test("a fault that lasts is logged once, not at every attempt", async () => {
  using scratch = new ScratchFolder();
  scratch.write("decisions", "");
  await using recording = await Recording.open(scratch.in("decisions"));
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const { lost } = recording.log.counts;
    recording.decide(attempt % 2 === 0);
    await eventually(
      () => recording.log.counts.lost,
      (now) => now > lost,
    );
    recording.pass(seconds(10));
  }
  assert.equal(recording.lines.length, 1);
});

test("a folder that is deleted under the log is made again, with a new segment", async () => {
  using scratch = new ScratchFolder();
  const folder = scratch.in("decisions");
  await using recording = await Recording.open(folder);
  recording.decide(true);
  await eventually(
    () => recording.linesOf().length,
    (count) => count === 4,
  );
  rmSync(folder, { recursive: true });
  recording.decide(false);
  await eventually(
    () => recording.reason,
    (reason) => /has been deleted/.test(reason ?? ""),
  );
  recording.pass(seconds(10));
  recording.decide(true);
  await recording.log[Symbol.asyncDispose]();
  const [header, ...more] = recording.headers();
  assert.deepEqual([header?.segment, header?.opening.kind, more.length], [2, "lost", 0]);
  assertIdentical(recording.linesOf());
});

test("a number that somebody else took is left to them", async () => {
  using scratch = new ScratchFolder();
  const folder = scratch.in("decisions");
  await using recording = await Recording.open(folder);
  mkdirSync(folder);
  writeFileSync(`${folder}/decisions-000001.jsonl`, "not ours");
  recording.decide(true);
  await eventually(
    () => recording.reason,
    (reason) => /EEXIST/.test(reason ?? ""),
  );
  recording.pass(seconds(10));
  recording.decide(false);
  await recording.log[Symbol.asyncDispose]();
  assert.equal(readFileSync(`${folder}/decisions-000001.jsonl`, "utf8"), "not ours");
  assertIdentical(recording.linesOf("decisions-000002.jsonl"));
});

test("what is written when the disk takes nothing is bounded, and records are lost before memory is", async () => {
  using scratch = new ScratchFolder();
  await using recording = await Recording.open(scratch.in("decisions"), { ...small, segmentBytes: 256 * 1024 * 1024 });
  // Nothing is written while this loop runs, as if the disk hung.
  for (let made = 0; made < 500; made += 1) {
    const uplinks = [
      { id: "mac-1" as UplinkId, slot: 0, interfaceName: `${made} ${"x".repeat(10_000)}`, mac: undefined },
    ];
    recording.take({ kind: "remembered", at: recording.clock.now(), uplinks });
  }
  assert.match(recording.reason ?? "", /the disk does not keep up/);
  assert.ok(recording.log.counts.lost > 0);
  recording.pass(seconds(10));
  recording.decide(true);
  await recording.log[Symbol.asyncDispose]();
  assertIdentical(recording.linesOf());
});

test("a value that is not plain is told by health and never reaches the caller", async () => {
  using scratch = new ScratchFolder();
  await using recording = await Recording.open(scratch.in("decisions"));
  const facts = new Map([[2, new URL("http://example")]]) as never;
  recording.take({ kind: "resolvers", at: recording.clock.now(), facts });
  assert.match(recording.reason ?? "", /no plain value/);
  assert.deepEqual(recording.log.counts, { records: 1, lost: 1 });
});

test("switched off it writes nothing, and switched on again it begins a segment", async () => {
  using scratch = new ScratchFolder();
  await using recording = await Recording.open(scratch.in("decisions"), { ...small, enabled: false });
  recording.decide(true);
  recording.log.reconfigure(small);
  recording.decide(false);
  recording.log.reconfigure({ ...small, enabled: false });
  recording.decide(true);
  await recording.log[Symbol.asyncDispose]();
  assert.deepEqual(recording.log.counts, { records: 3, lost: 0 });
  assert.equal(recording.names().length, 1);
  assertIdentical(recording.linesOf());
});

test("records and losses are metrics", async () => {
  using scratch = new ScratchFolder();
  await using recording = await Recording.open(scratch.in("decisions"));
  recording.decide(true);
  const { body } = await recording.metrics.render();
  assert.match(body, /^ropewalk_backhaul_decision_log_records_total 3$/m);
  assert.match(body, /^ropewalk_backhaul_decision_log_lost_records_total 0$/m);
});
