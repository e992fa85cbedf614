/** The judge of the judge: what the simulated acceptance counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision } from "@ropewalk/backhaul/status";
import { millis } from "@ropewalk/kernel/units";
import { Observer } from "./observer.ts";

const chosen = (name: string | null): Decision => ({
  uplinkId: null,
  name,
  reason: "",
  rejected: [],
  order: null,
  shares: [],
  kernel: null,
});

test("availability is the share of time in which the chosen uplink really worked", () => {
  let now = 0;
  const alive = new Set(["wan0", "wan1"]);
  const observer = new Observer(
    () => millis(now),
    (name) => alive.has(name),
  );
  observer.choose(chosen("wan0"));
  now = 1_000;
  observer.reset();
  now = 3_000;
  observer.truthChanges();
  alive.delete("wan0");
  now = 4_000;
  observer.choose(chosen("wan1"));
  now = 5_000;
  observer.choose(chosen(null));
  now = 6_000;
  assert.equal(observer.availability(), 3 / 5);
  assert.equal(observer.switchCount, 2);
  assert.deepEqual(
    observer.switches.map(({ at, from, to }) => [at, from, to]),
    [
      [4_000, "wan0", "wan1"],
      [5_000, "wan1", null],
    ],
  );
});

test("a decision that names the same uplink for another reason is no switch", () => {
  const observer = new Observer(
    () => millis(0),
    () => true,
  );
  observer.choose(chosen("wan0"));
  observer.choose({ ...chosen("wan0"), reason: "another" });
  assert.equal(observer.switchCount, 1);
});
