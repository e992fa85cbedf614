/** Questions that are asked again until one of them is answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { millis, seconds } from "@ropewalk/kernel/units";
import { askUntilAnswered } from "@ropewalk/mesh/asking";
import type { ProbeOutcome } from "@ropewalk/mesh/node-shell";

const clock = createSystemClock();
const answered: ProbeOutcome = { kind: "answered", roundTrip: millis(3), path: [] };
const never = () => new Promise<ProbeOutcome>(() => {});
const forever = new AbortController().signal;

test("a question that is lost is asked again while the first may still be answered", async () => {
  const tries = [never, async () => answered];
  const outcome = await askUntilAnswered(() => (tries.shift() ?? never)(), {
    ...{ clock, within: seconds(10), stop: forever },
  });
  assert.deepEqual([outcome, tries.length], [answered, 0]);
});

test("the answer to an earlier question counts as well", async () => {
  const first = Promise.withResolvers<ProbeOutcome>();
  let count = 0;
  const ask = () => {
    count += 1;
    if (count === 2) first.resolve(answered);
    return count === 1 ? first.promise : never();
  };
  assert.deepEqual(await askUntilAnswered(ask, { clock, within: seconds(10), stop: forever }), answered);
});

test("where there is none in time, why the last try had none is told", async () => {
  const ask = async (): Promise<ProbeOutcome> => ({ kind: "unanswered", why: "no-route" });
  const outcome = await askUntilAnswered(ask, { clock, within: millis(150), stop: forever });
  assert.deepEqual(outcome, { kind: "unanswered", why: "no-route" });
});

test("who is told to stop asks no more, and waits for nothing", async () => {
  const stop = new AbortController();
  const asked = askUntilAnswered(never, { clock, within: seconds(60), stop: stop.signal });
  stop.abort();
  assert.deepEqual(await asked, { kind: "unanswered", why: "closed" });
  assert.deepEqual(await askUntilAnswered(never, { clock, within: seconds(60), stop: stop.signal }), {
    ...{ kind: "unanswered", why: "closed" },
  });
});
