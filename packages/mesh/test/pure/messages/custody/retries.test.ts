/** When what waits goes: at once by a new way, rarer and rarer after that, the urgent first, and destinations in turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Held } from "@ropewalk/mesh/pure/messages/custody/held";
import { Retries } from "@ropewalk/mesh/pure/messages/custody/retries";
import { addressNumber, heldNumber, storeTime } from "../held-makers.ts";

const tags = (all: readonly Held[]) => all.map(({ tag }) => Number.parseInt(tag, 16));

test("it is due at once when a way appears, and then after 2, 4, 8 … 600 seconds", () => {
  const retries = new Retries();
  const held = heldNumber(1);
  assert.equal(retries.nextAt, undefined);
  retries.wayUp(storeTime(1_000), held);
  const times: number[] = [];
  for (let now = 1_000; times.length < 12; now += 1) {
    for (const one of retries.take(storeTime(now), 10)) {
      times.push(now);
      retries.tried(storeTime(now), one);
    }
  }
  const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  assert.equal(times[0], 1_000);
  assert.deepEqual(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
});

test("a way that comes and goes does not send it each time", () => {
  const retries = new Retries();
  const held = heldNumber(1);
  let sent = 0;
  for (let flap = 0; flap < 100; flap += 1) {
    retries.wayUp(storeTime(1_000), held);
    for (const one of retries.take(storeTime(1_000), 10)) {
      sent += 1;
      retries.tried(storeTime(1_000), one);
    }
  }
  assert.equal(sent, 1);
  assert.equal(retries.nextAt, 1_002);
});

test("the urgent goes first, whoever it is for", () => {
  const retries = new Retries();
  for (let number = 0; number < 8; number += 1)
    retries.wayUp(storeTime(5), heldNumber(number, { priority: number % 4, to: addressNumber(number % 2) }));
  assert.deepEqual(tags(retries.take(storeTime(5), 6)), [3, 7, 2, 6, 1, 5]);
});

test("a destination with few does not wait for one with many", () => {
  const retries = new Retries();
  for (let number = 0; number < 100; number += 1)
    retries.wayUp(storeTime(5), heldNumber(number, { to: addressNumber(1) }));
  retries.wayUp(storeTime(5), heldNumber(500, { to: addressNumber(2) }));
  assert.ok(tags(retries.take(storeTime(5), 3)).includes(500));
});

test("what rests or is removed does not go, wherever it stands", () => {
  const retries = new Retries();
  const all = Array.from({ length: 6 }, (_, number) => heldNumber(number));
  for (const held of all) retries.wayUp(storeTime(5), held);
  assert.equal(retries.take(storeTime(5), 2).length, 2);
  const [, , ready, other] = all;
  if (ready === undefined || other === undefined) assert.fail();
  retries.rest(ready);
  retries.remove(other);
  assert.deepEqual(tags(retries.take(storeTime(9), 10)), [4, 5]);
  assert.deepEqual([ready.state, other.state], ["idle", "gone"]);
  retries.tried(storeTime(9), other);
  assert.equal(retries.nextAt, undefined);
  retries.wayUp(storeTime(9), ready);
  assert.deepEqual(tags(retries.take(storeTime(9), 10)), [2]);
});
