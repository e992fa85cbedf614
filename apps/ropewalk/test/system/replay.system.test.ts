/** A node that measures is cut, killed and started anew; what it decided is decided once more, and comes out the same. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { backhaulSection } from "@ropewalk/backhaul/config";
import { initialState } from "@ropewalk/backhaul/pure/machine";
import { SegmentRecorder } from "@ropewalk/backhaul/pure/replay/segment-recorder";
import { millis } from "@ropewalk/kernel/units";
import { NodeInLab } from "./node-in-lab.ts";

let place: NodeInLab;
/** Probes every 50 ms; in the lab nobody answers for the public targets, which is a verdict too. */
const env = { ROPEWALK_BACKHAUL_PROBE_ENABLED: "true", ROPEWALK_BACKHAUL_PROBE_PROFILE: "fast" };

before(async () => {
  place = await NodeInLab.open(2);
  {
    await using node = await place.startNode({ env });
    await place.lab.cut("wan0");
    await until("the cut is recorded", () => /"no-carrier"/.test(log()));
    await place.lab.heal("wan0");
    await until("probes are recorded", () => (log().match(/^\["tick"/gm) ?? []).length > 100);
    await node.process.kill("SIGKILL");
    await node.process.exited;
  }
  await using node = await place.startNode({ env });
  await until("the second run is recorded", () => segments().length === 2 && /^\["tick"/m.test(log(1)));
  assert.equal(await node.stop("SIGTERM"), 0);
});
after(() => place[Symbol.asyncDispose]());

function folder(): string {
  return join(place.folder, "state/decisions");
}

function segments(): readonly string[] {
  return readdirSync(folder()).toSorted();
}

function log(index = 0): string {
  return readFileSync(join(folder(), segments()[index] ?? ""), "utf8");
}

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const end = performance.now() + 40_000;
  while (!isTrue()) {
    assert.ok(performance.now() < end, `waited in vain: ${what}`);
    await delay(20);
  }
}

test("replay prints every change with its time and reason, and says that all is as it was", async () => {
  const { status, stdout, stderr } = await place.run(["replay"]);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.match(stdout, /^segment 1, begun 20\S+Z by ropewalk \S+$/m);
  assert.match(stdout, /^20\S+Z \d+\.\d{3} s {2}wan0 IPv4, IPv6 from \w+ to down: wan0 has no carrier/m);
  assert.match(stdout, /^segment 2, begun .*\n {2}the node was started anew$/m);
  assert.match(stdout, /^\d+ inputs, \d+ decisions in 2 segments, identical$/m);
});

test("--quiet prints the result alone, --from begins later, and one file is enough", async () => {
  const quiet = await place.run(["replay", "--quiet", "--from", "2", folder()]);
  assert.match(quiet.stdout, /^\d+ inputs, \d+ decisions in 1 segment, identical\n$/);
  const file = await place.run(["replay", "--quiet", join(folder(), segments()[0] ?? "")]);
  assert.match(file.stdout, /in 1 segment, identical\n$/);
});

test("--json prints one object a line: segments, events as they were told, and the result", async () => {
  const { stdout, status } = await place.run(["replay", "--json"]);
  const told = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(status, 0);
  assert.equal(told[0].kind, "segment");
  assert.ok(
    told.some(({ kind, event }) => kind === "event" && event.kind === "uplink-added" && event.uplink.name === "wan0"),
  );
  assert.deepEqual([told.at(-1).kind, told.at(-1).outcome], ["result", "identical"]);
});

test("a log that was changed is told at its line, with exit code 1", async () => {
  const lines = log().split("\n");
  const at = lines.findIndex((line) => line.startsWith('["tick"'));
  const changed = join(place.folder, "changed.jsonl");
  writeFileSync(
    changed,
    lines
      .with(
        at,
        (lines[at] ?? "").replace(/\d/, (digit) => String(9 - Number(digit))),
      )
      .join("\n"),
  );
  const { status, stderr } = await place.run(["replay", "--quiet", changed]);
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`^changed.jsonl, line ${at + 1} cannot be replayed: .*changed`));
});

test("a log of another version is replayed, and that version is named", async () => {
  const config = backhaulSection.schema.parse({});
  const opening = { kind: "start" } as const;
  const header = { version: "0.0.9", segment: 3, opening, wall: "2026-01-01T00:00:00.000Z", at: millis(0) };
  const recorder = new SegmentRecorder({ ...header, config, state: initialState });
  const input = { kind: "remembered", at: millis(5), uplinks: [] } as const;
  const line = recorder.input({ input, before: initialState, config, effects: [] });
  const file = join(place.folder, "other.jsonl");
  writeFileSync(file, `${recorder.headerLine}\n${line}\n${line.slice(0, 10)}`);
  const { status, stdout } = await place.run(["replay", file]);
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^segment 3, begun 2026-01-01T00:00:00.000Z by ropewalk 0\.0\.9\n {2}this is ropewalk \S+: another version/,
  );
  assert.match(
    stdout,
    /line 3 of other\.jsonl was not written whole and is left out\n1 input, 0 decisions in 1 segment, identical/,
  );
});

test("what is not there is told with exit code 7, and a wrong option with 2", async () => {
  const missing = await place.run(["replay", "/nonexistent"]);
  assert.deepEqual([missing.status, missing.stderr], [7, "ropewalk: there is no /nonexistent.\n"]);
  assert.equal((await place.run(["replay", "--from", "x"])).status, 2);
  assert.equal((await place.run(["replay", "--from", "9"])).status, 7);
  const empty = await place.run(["replay", place.folder]);
  assert.equal(empty.status, 7);
  assert.match(empty.stderr, /holds no decisions\. Is backhaul\.decision_log\.enabled true/);
});

test("the log is for its owner's eyes alone", () => {
  for (const name of segments()) assert.equal(statSync(join(folder(), name)).mode & 0o777, 0o600);
});
