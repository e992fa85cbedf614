/** What the interface's counters say of a path on which every byte costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  begunAnew,
  calmed,
  newTrafficWatch,
  type TrafficWatch,
  withReading,
} from "@ropewalk/backhaul/pure/health/passive";
import { millis } from "@ropewalk/kernel/units";

interface Reading {
  readonly at: number;
  readonly sent: number;
  readonly received: number;
}

/** One reading in each quarter of a second, from `start` on. */
function every250ms(counts: readonly (readonly [sent: number, received: number])[], start = 0): readonly Reading[] {
  return counts.map(([sent, received], index) => ({ at: start + index * 250, sent, received }));
}

function watched(readings: readonly Reading[], before: TrafficWatch = newTrafficWatch(millis(0))) {
  let watch = before;
  const suspicions: number[] = [];
  for (const { at, sent, received } of readings) {
    const counts = { sentPackets: sent, receivedPackets: received, receivedBytes: received * 100 };
    const step = withReading(watch, counts, millis(at));
    watch = step.watch;
    if (step.isSuspicious) suspicions.push(at);
  }
  return { watch, suspicions };
}

test("packets that go out while none comes back for 750 ms are suspicious, and not sooner", () => {
  const silent = every250ms([
    [10, 10],
    [12, 10],
    [14, 10],
    [16, 10],
    [18, 10],
  ]);
  assert.deepEqual(watched(silent).suspicions, [750, 1_000]);
});

test("a single packet is no traffic, however long nothing comes back", () => {
  const one = (sent: number) =>
    watched(every250ms(Array.from({ length: 8 }, (_, index) => [index >= 3 ? sent : 0, 0] as const))).suspicions[0];
  assert.deepEqual([one(1), one(2)], [undefined, 1_250]);
});

test("of what is sent an eighth must come back", () => {
  const suspicions = (received: number) =>
    watched(every250ms(Array.from({ length: 8 }, (_, index) => [index * 16, index * received] as const))).suspicions;
  assert.deepEqual([suspicions(1).length > 0, suspicions(2).length], [true, 0]);
});

test("an interface that says nothing, or began to count anew, is no evidence", () => {
  const { watch } = watched(
    every250ms([
      [10, 10],
      [20, 10],
      [30, 10],
    ]),
  );
  const nothing = withReading(watch, undefined, millis(750));
  assert.deepEqual([nothing.isSuspicious, nothing.watch.last, nothing.watch.unanswered], [false, undefined, undefined]);
  assert.deepEqual(watched([{ at: 750, sent: 2, received: 0 }], watch).suspicions, []);
});

test("what is repeated ever more seldom is counted since anything came back", () => {
  // A segment and its repeats, as TCP sends them into a dead uplink: after 0.2 s, 0.6 s, 1.4 s.
  const sent = [10, 11, 11, 12, 12, 12, 13];
  assert.equal(watched(every250ms(sent.map((packets) => [packets, 10] as const))).suspicions.length > 0, true);
});

test("the next reading is on a grid that all paths share", () => {
  const at = (now: number) => withReading(newTrafficWatch(millis(0)), undefined, millis(now)).watch.nextAt;
  assert.deepEqual([at(0), at(249.5), at(250), at(1_001)], [250, 250, 500, 1_250]);
});

test("a suspicion that was wrong is not repeated for 5 s, then 10 s, and never for more than five minutes", () => {
  let watch = newTrafficWatch(millis(0));
  const mutes: number[] = [];
  for (let time = 0; time < 12; time += 1) {
    watch = calmed(watch, millis(0));
    mutes.push(watch.muteUntil);
  }
  assert.deepEqual(mutes.slice(0, 7), [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000]);
  assert.equal(mutes.at(-1), 300_000);
});

test("while it is mute nothing is suspicious; at its end it is", () => {
  const watch = calmed(newTrafficWatch(millis(0)), millis(0));
  const out = Array.from({ length: 24 }, (_, index) => [index * 4, 0] as const);
  assert.deepEqual(watched(every250ms(out), watch).suspicions[0], 5_000);
});

test("traffic that goes both ways ends the distrust of suspicions", () => {
  const wary = calmed(calmed(newTrafficWatch(millis(0)), millis(0)), millis(0));
  const { watch } = watched(
    every250ms([
      [0, 0],
      [4, 4],
      [8, 8],
      [12, 12],
    ]),
    wary,
  );
  assert.equal(watch.falseAlarms, 0);
  const idle = watched(
    every250ms([
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ]),
    wary,
  );
  assert.equal(idle.watch.falseAlarms, 2);
});

test("what was counted before a silence is not compared with what is counted after it", () => {
  const { watch } = watched(
    every250ms([
      [0, 0],
      [10, 10],
      [20, 20],
      [30, 30],
    ]),
  );
  assert.deepEqual(watched([{ at: 60_000, sent: 90, received: 31 }], watch).suspicions, [60_000]);
  assert.deepEqual(watched([{ at: 60_000, sent: 90, received: 31 }], begunAnew(watch)).suspicions, []);
});
