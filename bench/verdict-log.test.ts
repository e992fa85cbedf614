import assert from "node:assert/strict";
import { test } from "node:test";
import { VerdictLog } from "./verdict-log.ts";

test("a down without a fault is a false one, and saying it again is not another", () => {
  const log = new VerdictLog(false);
  log.faultEnded();
  log.say(1n, true);
  log.say(2n, true);
  log.say(3n, false);
  log.say(4n, true);
  assert.equal(log.falseDowns, 2);
});

test("neither what is said before the first calm nor what a fault explains is false", () => {
  const log = new VerdictLog(true);
  log.say(1n, false);
  log.say(2n, true);
  log.say(3n, false);
  log.faultEnded();
  log.faultBegins();
  log.say(4n, true);
  assert.equal(log.falseDowns, 0);
});

test("who waits is told when it was said, before or after the asking, and undefined past the limit", async () => {
  const log = new VerdictLog(false);
  assert.equal(await log.until(true, 1), undefined);
  const told = log.until(true, 10_000);
  log.say(7n, true);
  assert.equal(await told, 7n);
  assert.equal(await log.until(true, 0), 7n);
});
