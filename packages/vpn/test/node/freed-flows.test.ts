/** How often the kernel walks through its connections for addresses that were left. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { millis } from "@ropewalk/kernel/units";
import { FreedFlows } from "@ropewalk/vpn/node/freed-flows";
import { Troubles } from "@ropewalk/vpn/node/troubles";

/** Walks take as many milliseconds. */
function scene(walkTakes = 10) {
  const clock = new FakeClock();
  let walked = 0;
  const walks: string[][] = [];
  let isBroken = false;
  const troubles = new Troubles(() => {});
  const flows = new FreedFlows({
    troubles,
    clock: {
      now: () => millis(clock.now() + walked),
      after: (name, delay, callback) => clock.after(name, delay, callback),
    },
    flows: {
      end(sources) {
        walked += walkTakes;
        walks.push([...sources]);
        return isBroken ? { kind: "failed", detail: "no" } : { kind: "ended", count: sources.size };
      },
    },
  });
  const setBroken = (to: boolean) => {
    isBroken = to;
  };
  return { clock, walks, flows, troubles, setBroken };
}

test("what is left within a quarter of a second goes together in one walk, and is leaving until then", () => {
  const { clock, walks, flows } = scene();
  flows.ask(["10.90.0.2"]);
  clock.advance(millis(249));
  flows.ask(["10.90.0.3"]);
  assert.deepEqual([walks, flows.has("10.90.0.2"), flows.has("10.90.0.3")], [[], true, true]);
  clock.advance(millis(1));
  assert.deepEqual([walks, flows.has("10.90.0.2")], [[["10.90.0.2", "10.90.0.3"]], false]);
});

test("walks that take long are four times as long apart", () => {
  const { clock, walks, flows } = scene(100);
  flows.ask(["10.90.0.2"]);
  clock.advance(millis(250));
  flows.ask(["10.90.0.3"]);
  clock.advance(millis(399));
  assert.equal(walks.length, 1);
  clock.advance(millis(1));
  assert.deepEqual(walks.at(-1), ["10.90.0.3"]);
});

test("who cannot wait has it done at once; where nothing was left there is no walk", () => {
  const { clock, walks, flows } = scene();
  assert.deepEqual([flows.end(), walks], [{ kind: "ended", count: 0 }, []]);
  flows.ask(["10.90.0.2"]);
  assert.deepEqual(flows.end(), { kind: "ended", count: 1 });
  clock.advance(millis(1_000));
  assert.deepEqual(walks, [["10.90.0.2"]]);
});

test("what was not ended is told and tried again, with what came meanwhile", () => {
  const { clock, walks, flows, troubles, setBroken } = scene();
  setBroken(true);
  flows.ask(["10.90.0.2"]);
  clock.advance(millis(250));
  assert.deepEqual([flows.has("10.90.0.2"), troubles.all], [true, ["connections are still tracked: no"]]);
  setBroken(false);
  flows.ask(["10.90.0.3"]);
  clock.advance(millis(1_000));
  assert.deepEqual([walks.at(-1), troubles.all], [["10.90.0.2", "10.90.0.3"], []]);
});
