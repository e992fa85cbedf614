import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { backoff } from "@ropewalk/kernel/backoff";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { supervise } from "@ropewalk/kernel/supervise";
import { millis } from "@ropewalk/kernel/units";
import fc from "fast-check";

test("a wait grows to its bound and never leaves it", () => {
  const config = { first: millis(100), longest: millis(5000) };
  fc.assert(
    fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
      const wait = backoff(attempt, chance, config);
      assert.ok(wait >= 50 && wait <= 5000, String(wait));
    }),
  );
  assert.deepEqual(
    [0, 1, 2].map((attempt) => backoff(attempt, 1, config)),
    [100, 200, 400],
  );
});

test("a failing task is told and started again after its wait, until it is done", async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  let runs = 0;
  const done = supervise(
    {
      name: "worker",
      run: async () => {
        runs += 1;
        if (runs < 3) throw new Error(`failure ${runs}`);
      },
      onFailure: ({ error, retryIn }) => told.push(`${(error as Error).message}, again in ${retryIn}`),
    },
    { clock, chance: () => 1 },
    new AbortController().signal,
  );
  for (const wait of [200, 400]) {
    while (clock.pendingTimers().length === 0) await turn();
    clock.advance(millis(wait));
  }
  await done;
  assert.deepEqual(told, ["failure 1, again in 200", "failure 2, again in 400"]);
});

test("an aborted supervisor ends without another run", async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  let runs = 0;
  const done = supervise(
    {
      name: "worker",
      run: async () => {
        runs += 1;
        throw new Error("always");
      },
      onFailure: () => {},
    },
    { clock, chance: () => 0 },
    stop.signal,
  );
  while (clock.pendingTimers().length === 0) await turn();
  stop.abort();
  await done;
  assert.equal(runs, 1);
});
