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

test("a single packet is no traffic", () => {
  const one = (sent: number) =>
    watched(every250ms([0, 0, 0, 0].map((_, index) => [index === 3 ? sent : 0, 0] as const)));
  assert.deepEqual([one(1).suspicions, one(2).suspicions], [[], [750]]);
});

test("of what is sent an eighth must come back", () => {
  const received = (packets: number) =>
    watched(
      every250ms([
        [0, 0],
        [8, 0],
        [16, 0],
        [24, packets],
      ]),
    ).suspicions.length;
  assert.deepEqual([received(2), received(3)], [1, 0]);
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
  assert.deepEqual([nothing.isSuspicious, nothing.watch.readings], [false, []]);
  assert.deepEqual(watched([{ at: 750, sent: 2, received: 0 }], watch).suspicions, []);
});

test("readings are kept for as long as they are compared, however often they come", () => {
  const often = Array.from({ length: 4_000 }, (_, index) => ({ at: index, sent: index, received: index }));
  assert.ok(watched(often).watch.readings.length <= 752);
  assert.ok(watched(every250ms(Array.from({ length: 100 }, () => [0, 0] as const))).watch.readings.length <= 4);
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
