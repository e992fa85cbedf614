import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answered,
  kthHeard,
  missed,
  newTarget,
  pathLoss,
  pathRtt,
  type TargetHealth,
} from "@ropewalk/backhaul/pure/health/target-health";
import { millis } from "@ropewalk/kernel/units";
import { ip } from "./rig.ts";

const interval = millis(1_000);

/** Pulsed once a second: a number is answered so late, "lost" is lost. */
function pulsed(results: readonly (number | "lost")[]): TargetHealth {
  const start = newTarget({ name: "t", address: ip("203.0.113.10"), port: 443, tlsName: undefined }, interval);
  return results.reduce<TargetHealth>((health, result, index) => {
    const sentAt = millis(index * 1_000);
    if (result === "lost") return missed(health, { sentAt, isPlanned: true }, millis(sentAt + 4_000));
    return answered(
      health,
      { sentAt, kind: "echo", lostAt: undefined, isPlanned: true },
      millis(result),
      millis(sentAt + result),
    );
  }, start);
}

const repeat = <T>(count: number, item: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => item(index));
const now = millis(50_000);

test("a round trip counts once it was begun after a reply: what waited for the next hop's address is forgotten", () => {
  assert.equal(pulsed([1_500]).rtt?.smoothed, 1_500, "all that is known");
  assert.equal(pulsed([1_500, 500]).rtt?.isFirst, true, "both waited");
  assert.equal(pulsed([1_500, 500, 20]).rtt?.smoothed, 20);
  assert.equal(pulsed([20, 100]).rtt?.smoothed, 100);
});

test("what is lost between replies that waited in a full queue was dropped by it, and is no loss of the line", () => {
  const full = pulsed([
    ...repeat(10, () => 20),
    ...repeat(20, (index) => (index % 2 === 0 ? 2_000 : ("lost" as const))),
  ]);
  assert.equal(pathLoss([full], now)?.loss, 0);
  const lossy = pulsed([...repeat(10, () => 20), ...repeat(20, (index) => (index % 2 === 0 ? 20 : ("lost" as const)))]);
  assert.ok((pathLoss([lossy], now)?.loss ?? 0) > 0.3);
});

test("a target that alone loses is not the path's loss: one that is gone, one that limits its answers", () => {
  const well = pulsed(repeat(40, () => 20));
  const gone = pulsed(repeat(40, () => "lost" as const));
  const limited = pulsed(repeat(40, (index) => (index % 2 === 0 ? 20 : ("lost" as const))));
  assert.equal(pathLoss([well, gone], now)?.loss, 0);
  assert.equal(pathLoss([limited, well], now)?.loss, 0);
});

test("targets that lose alike are counted together", () => {
  const lossy = (phase: number) => pulsed(repeat(40, (index) => (index % 5 === phase ? ("lost" as const) : 20)));
  assert.equal(pathLoss([lossy(1), lossy(3)], now)?.samples, 80);
});

test("the path is as far as its nearest target that answers", () => {
  const near = pulsed(repeat(5, () => 10));
  const far = pulsed(repeat(5, () => 150));
  const gone = pulsed([1, "lost", "lost", "lost", "lost"]);
  assert.equal(Math.round(pathRtt([far, near])?.smoothed ?? 0), 10);
  assert.equal(Math.round(pathRtt([far, gone])?.smoothed ?? 0), 150);
});

test("of k targets that must answer, the one heard longest ago counts", () => {
  const heard = (at: number) => ({ ...pulsed([]), heardAt: millis(at) });
  const silent = pulsed([]);
  assert.deepEqual(
    [1, 2, 3].map((k) => kthHeard([heard(5), silent, heard(9)], k)),
    [9, 5, undefined],
  );
});
