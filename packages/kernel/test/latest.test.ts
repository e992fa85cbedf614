import assert from "node:assert/strict";
import { test } from "node:test";
import { Latest } from "@ropewalk/kernel/latest";

test("a late reader gets the current value at once, a slow one only the newest", async () => {
  const latest = new Latest(1);
  latest.set(2);
  const stop = new AbortController();
  const reader = latest.watch(stop.signal);
  assert.deepEqual(await reader.next(), { done: false, value: 2 });
  latest.set(3);
  latest.set(4);
  assert.deepEqual(await reader.next(), { done: false, value: 4 });
  const pending = reader.next();
  latest.set(5);
  assert.deepEqual(await pending, { done: false, value: 5 });
  stop.abort();
  assert.equal((await reader.next()).done, true);
});

test("a reader that waits is let go when its signal aborts", async () => {
  const stop = new AbortController();
  const reader = new Latest("only").watch(stop.signal);
  await reader.next();
  const pending = reader.next();
  stop.abort();
  assert.equal((await pending).done, true);
});
