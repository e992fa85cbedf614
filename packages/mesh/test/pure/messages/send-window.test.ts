/** The window of a way grows by what is proved, and waits longer where the way has become slow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { SendWindow } from "@ropewalk/mesh/pure/messages/send-window";

/** A way of a tenth of a second. */
function quickWay(): SendWindow {
  const window = new SendWindow();
  for (let count = 0; count < 20; count += 1) window.proved(millis(100));
  return window;
}

test("it grows to 512 by what is proved, and is halved by what is lost, once in a round trip", () => {
  const window = quickWay();
  assert.equal(window.size, 36);
  for (let count = 0; count < 1_000; count += 1) window.proved(millis(100));
  assert.equal(window.size, 512);
  for (const at of [1_000, 1_010, 1_020]) window.lost(millis(at));
  assert.equal(window.size, 256);
  window.lost(millis(2_000));
  assert.equal(window.size, 128);
});

test("a way that becomes slow loses a few at first, and then is waited for, though what was sent twice says nothing of it", () => {
  const window = quickWay();
  assert.equal(window.timeout(1), 1_000);
  for (const at of [1_000, 2_000]) {
    window.lost(millis(at));
    window.proved(undefined);
  }
  assert.ok(window.timeout(1) > 3_000, "what is sent now has as long as the way takes");
  window.proved(millis(3_000));
  assert.ok(window.timeout(1) >= 3_000, "and what is sent later too");
});

test("each try has twice as long as the one before, and none for ever", () => {
  const window = quickWay();
  assert.deepEqual(
    [1, 2, 3].map((tries) => window.timeout(tries)),
    [1_000, 2_000, 4_000],
  );
  for (let at = 1; at < 20; at += 1) window.lost(millis(at * 1_000));
  assert.deepEqual([window.timeout(1), window.timeout(3), window.size], [8_000, 8_000, 8]);
});
