/** What is told when somebody interferes with the marks of forwarded flows, on a machine in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Marks } from "@ropewalk/backhaul/steering/marks";
import type { SteeringAct } from "@ropewalk/backhaul/steering-event";
import { uplinkMark } from "@ropewalk/host/allocations";
import type { FlowMarksRepair } from "@ropewalk/host/linux/flow-marks";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { FakeMachine } from "./fake-machine.ts";

const uplinks = [{ interfaceName: "wan1", mark: uplinkMark(1), addresses: [ipAddress("10.0.1.2")] }];
const change = { kind: "changed", by: { name: "firewalld", pid: 812 } } as const;
/** What is awaited without a timer has happened. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

async function createRig() {
  const machine = new FakeMachine();
  const events: SteeringAct[] = [];
  const marks = new Marks(machine.hands, (event) => void events.push(event));
  marks.follow(uplinks);
  await settle();
  const repair = (outcome: FlowMarksRepair["outcome"], what: FlowMarksRepair["change"] = change) => {
    machine.repairMarks({ change: what, outcome });
    return events.splice(0).map(({ action, cause, evidence }) => [action, cause, ...evidence]);
  };
  return { machine, marks, repair };
}

test("a repair is told with the program that made it necessary, and leaves nothing unmet", async () => {
  const { marks, repair } = await createRig();
  assert.deepEqual(repair({ kind: "done" }), [
    [
      "repaired",
      "somebody else had changed what is Ropewalk's",
      "table inet ropewalk, changed by firewalld (process 812): made anew",
    ],
  ]);
  assert.equal(marks.fault, undefined);
});

test("what is put off stands as unmet until it is repaired, or put back by somebody else", async () => {
  const { marks, repair } = await createRig();
  for (const kind of ["done", "unchanged"] as const) {
    assert.deepEqual(repair({ kind: "put-off" }), [
      [
        "put-off",
        "somebody else keeps changing what is Ropewalk's",
        "table inet ropewalk, changed by firewalld (process 812): put-off",
      ],
    ]);
    assert.equal(marks.fault, "marks of forwarded flows: somebody else keeps changing them");
    assert.deepEqual(
      repair({ kind }).map(([action]) => action),
      kind === "done" ? ["repaired"] : [],
    );
    assert.equal(marks.fault, undefined);
  }
});

test("nobody is blamed for what was not seen", async () => {
  const { repair } = await createRig();
  const [event] = repair({ kind: "done" }, { kind: "unseen" });
  assert.deepEqual(event, [
    "repaired",
    "more was done to nftables than could be followed, and what is Ropewalk's may have been changed",
    "table inet ropewalk: made anew",
  ]);
});

test("a repair that is refused is told as a refusal, once, and tried again with the next picture", async () => {
  const { machine, marks, repair } = await createRig();
  const refused = { kind: "refused", detail: "too slow" } as const;
  assert.deepEqual(repair(refused), [["refused", "the marks of forwarded flows could not be made", "too slow"]]);
  assert.deepEqual(repair(refused), []);
  assert.equal(marks.fault, "marks of forwarded flows: too slow");
  let runs = 0;
  machine.nft = async () => {
    runs += 1;
    return { kind: "done" };
  };
  marks.follow(uplinks);
  await settle();
  assert.deepEqual([runs, marks.fault], [1, undefined]);
});

test("who was disposed of tells nothing more", async () => {
  const { marks, repair } = await createRig();
  marks[Symbol.dispose]();
  assert.deepEqual(repair({ kind: "done" }), []);
});

test("marks are in force from when nft has made them until they are refused, or not wanted any more", async () => {
  const { machine, marks, repair } = await createRig();
  assert.equal(marks.areInForce, true);
  repair({ kind: "refused", detail: "Operation not supported" });
  assert.equal(marks.areInForce, false);
  marks.follow(uplinks);
  assert.equal(marks.areInForce, false, "nft has not answered");
  await settle();
  assert.equal(marks.areInForce, true);
  marks.follow([]);
  assert.equal(marks.areInForce, false);
  machine.nft = async () => ({ kind: "no-nft" });
  marks.follow(uplinks);
  await settle();
  assert.equal(marks.areInForce, false);
});
