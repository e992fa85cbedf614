import assert from "node:assert/strict";
import { test } from "node:test";
import { durationText, roundTripText, shareText, sizeText } from "../src/render/quantity.ts";

test("a duration has the unit that people would say it in", () => {
  const seconds = [0.0004, 0.4, 0.9996, 1, 9.94, 9.96, 119, 120, 7_100, 7_200, 86_400, 259_200];
  assert.deepEqual(
    seconds.map((each) => durationText(each * 1_000)),
    ["0 ms", "400 ms", "1 s", "1 s", "9.9 s", "10 s", "119 s", "2 min", "118 min", "2 h", "24 h", "3 days"],
  );
});

test("a round trip stays in milliseconds, and a share that is not nothing is not shown as nothing", () => {
  assert.deepEqual([0, 0.84, 12.34, 1_512].map(roundTripText), ["< 0.1 ms", "0.8 ms", "12 ms", "1512 ms"]);
  assert.deepEqual([0, 0.0001, 0.004, 0.2, 1].map(shareText), ["0 %", "< 0.1 %", "0.4 %", "20 %", "100 %"]);
});

test("sizes count in thousands, as data plans do", () => {
  assert.deepEqual([0, 999, 1_000, 9_960, 999_600, 21_400_000, 5_000_000_000, 2e15].map(sizeText), [
    "0 B",
    "999 B",
    "1 kB",
    "10 kB",
    "1 MB",
    "21 MB",
    "5 GB",
    "2000 TB",
  ]);
});
