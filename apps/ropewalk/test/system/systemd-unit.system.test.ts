/** The systemd unit is valid, and gives the node as little as it needs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const unit = join(import.meta.dirname, "../../../../deploy/systemd/ropewalk.service");

function analyze(...words: string[]) {
  return spawnSync("systemd-analyze", [...words, unit], { encoding: "utf8" });
}

test("systemd finds no fault in the unit", () => {
  const { status, stderr } = analyze("verify");
  assert.equal(stderr, "");
  assert.equal(status, 0);
});

test("the unit lets probes out, and says how to keep everything in for a node that sends none", () => {
  const text = readFileSync(unit, "utf8");
  assert.doesNotMatch(text, /^IPAddressDeny=/m);
  assert.match(text, /^# .*probe\.enabled = false: IPAddressDeny=any/m);
});

test("the unit's exposure is below 3.0 of 10", () => {
  const { status, stdout } = analyze("security", "--offline=true", "--threshold=30");
  assert.equal(status, 0, stdout);
});
