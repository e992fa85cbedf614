/** When the machine wants to be woken: for what is due first, and no oftener than it must. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BackhaulInput } from "@ropewalk/backhaul/pure/state";
import { millis } from "@ropewalk/kernel/units";
import { addressFacts, linkFacts, networkFacts, routeFacts } from "./facts-fixture.ts";
import { Machine, machineConfig } from "./machine-fixture.ts";

function probingMachine(): Machine {
  const machine = new Machine();
  machine.config = machineConfig({ probe: { enabled: true } });
  const addresses = [addressFacts("198.18.0.2/24")];
  return machine.see(networkFacts([linkFacts()], { addresses, routes: [routeFacts({ via: "198.18.0.1" })] }));
}

function answered(id: number, at: number): BackhaulInput {
  const result = { kind: "answered", rtt: millis(5) } as const;
  return { kind: "probed", at: millis(at), outcome: { id, result, traffic: { sent: 28, received: 28 } } };
}

test("an uplink that can be measured wakes the machine at once, and asks with the first tick", () => {
  const machine = probingMachine();
  assert.deepEqual(machine.taken("wake"), [{ kind: "wake", at: millis(0) }]);
  machine.take({ kind: "tick", at: millis(0), due: millis(0) });
  assert.ok(machine.taken("probe").length > 2);
  const [next] = machine.taken("wake");
  assert.ok(next?.at !== undefined && next.at > 0 && next.at <= 1_000);
});

test("a tick that is early by a fraction is asked for again", () => {
  const machine = probingMachine().take({ kind: "tick", at: millis(0), due: millis(0) });
  const { at } = machine.taken("wake").at(-1) ?? {};
  if (at === undefined) throw new Error("no tick was wanted");
  machine.take({ kind: "tick", at: millis(at - 0.4), due: at });
  assert.deepEqual(machine.taken("wake"), [{ kind: "wake", at }]);
});

test("answers that come while a tick is due do not put it off", () => {
  const machine = probingMachine().take({ kind: "tick", at: millis(0), due: millis(0) });
  const ids = machine.taken("probe").map(({ request }) => request.id);
  const { at = 0 } = machine.taken("wake").at(-1) ?? {};
  for (const [index, id] of ids.entries()) machine.take(answered(id, at + index));
  assert.deepEqual(machine.taken("wake"), []);
});

test("when nothing is probed any more no tick is wanted", () => {
  const machine = probingMachine().take({ kind: "tick", at: millis(0), due: millis(0) });
  machine.taken("wake");
  machine.config = machineConfig();
  machine.configure();
  assert.deepEqual(machine.taken("wake"), [{ kind: "wake", at: undefined }]);
});
