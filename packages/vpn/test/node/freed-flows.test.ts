/** How often the kernel walks through its connections for addresses that were left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { FreedFlows } from "@ropewalk/vpn/node/freed-flows";

/** Walks that take ten milliseconds each. */
function scene() {
  const clock = new FakeClock();
  const walks: string[][] = [];
  let isBroken = false;
  const flows = new FreedFlows({
    clock,
    flows: {
      end(sources) {
        clock.advance(millis(10));
        walks.push([...sources]);
        return isBroken ? { kind: "failed", detail: "no" } : { kind: "ended", count: sources.size };
      },
    },
  });
  const setBroken = (to: boolean) => {
    isBroken = to;
  };
  return { clock, walks, flows, setBroken };
}

test("the first is walked for at once, and what comes soon behind goes together in the next walk", async () => {
  const { clock, walks, flows } = scene();
  flows.ask(["10.90.0.2"]);
  assert.deepEqual(await flows.end(), { kind: "ended", count: 1 });
  const waiting = ["10.90.0.3", "10.90.0.4"].map((address) => {
    flows.ask([address]);
    return flows.end();
  });
  clock.advance(millis(39));
  assert.equal(walks.length, 1);
  clock.advance(millis(1));
  await Promise.all(waiting);
  assert.deepEqual(walks, [["10.90.0.2"], ["10.90.0.3", "10.90.0.4"]]);
});

test("where nothing was left there is no walk", async () => {
  const { walks, flows } = scene();
  assert.deepEqual([await flows.end(), walks], [{ kind: "ended", count: 0 }, []]);
});

test("what was not ended is tried again with what comes next, and whoever waits at the end is told", async () => {
  const { clock, walks, flows, setBroken } = scene();
  setBroken(true);
  flows.ask(["10.90.0.2"]);
  assert.equal((await flows.end()).kind, "failed");
  setBroken(false);
  clock.advance(millis(100));
  flows.ask(["10.90.0.3"]);
  assert.equal((await flows.end()).kind, "ended");
  assert.deepEqual(walks.at(-1), ["10.90.0.2", "10.90.0.3"]);
  flows.ask(["10.90.0.4"]);
  const last = flows.end();
  flows.close();
  assert.equal((await last).kind, "failed");
});
