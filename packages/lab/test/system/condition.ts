/** Waiting in tests: for a condition, never for a time, and never for ever. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/** Asks every few milliseconds until the answer is yes; fails with `what` after `limitMs`. */
export async function until(what: string, isTrue: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await isTrue())) {
    assert.ok(performance.now() < end, `waited ${limitMs} ms in vain: ${what}`);
    await delay(5);
  }
}
