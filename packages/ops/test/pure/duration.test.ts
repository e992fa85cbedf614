/** Durations in text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../src/pure/duration.ts";

test("every unit is read", () => {
  const cases = {
    "250ms": 250,
    "15s": 15_000,
    "1.5s": 1_500,
    "5m": 300_000,
    "2h": 7_200_000,
    "1d": 86_400_000,
    "0s": 0,
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(parseDuration(text), expected);
});

test("what is no duration is refused", () => {
  for (const text of ["", "15", "15 s", "-1s", "1e3s", "15S", "s", ".5s", "5m30s", "1w", "９s"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test("a duration that is formatted reads back as itself", () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), (value) => assert.equal(parseDuration(formatDuration(millis(value))), value)),
  );
  assert.equal(formatDuration(millis(90_000)), "90s");
  assert.equal(formatDuration(millis(1_500)), "1500ms");
});
