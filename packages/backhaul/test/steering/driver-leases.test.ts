/** What the driver has leased, what it says of it, and in which order it gives everything back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import type { UplinkEntry } from "@ropewalk/backhaul/pure/entries";
import type { SteeringEvent } from "@ropewalk/backhaul/steering-event";
import type { GivenLink, LeaseOutcome } from "@ropewalk/host/leases";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { deciding, uplink } from "../pure/steering/uplink-fixture.ts";
import { driverOf } from "./driver-rig.ts";
import { FakeMachine } from "./fake-machine.ts";
import { stateOf } from "./steering-bench.ts";

const given: UplinkEntry = {
  ...{ selector: { kind: "interface", pattern: "wan2" }, role: "auto", addresses: "dhcp" },
  ...{ label: undefined, metered: undefined, resolvers: undefined, profile: undefined },
};

function createRig(purged: readonly LeaseOutcome[] | undefined) {
  const machine = new FakeMachine();
  for (const slot of [1, 2]) machine.addUplink(slot);
  const wanted: (readonly GivenLink[])[] = [];
  const routesAtPurge: number[] = [];
  const unmet: string[] = [];
  machine.leases = purged && {
    want: (links) => void wanted.push(links),
    unmet,
    async purge() {
      routesAtPurge.push(machine.present.rules.length);
      return purged;
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const events: SteeringEvent[] = [];
  const driver = driverOf(machine, (event) => void events.push(event), [given]);
  const follow = (uplinks: readonly SlottedUplink[]) => driver.follow(stateOf(machine, uplinks, deciding(1)));
  return { machine, driver, events, wanted, routesAtPurge, unmet, follow };
}

const both = [uplink(1, "healthy"), uplink(2, "healthy")];

test("the links that were given are leased, and what stands in the way of that is unmet", () => {
  const { driver, follow, wanted, unmet, events } = createRig([]);
  follow(both);
  assert.deepEqual(
    wanted.at(-1)?.map(({ name }) => name),
    ["wan2"],
  );
  unmet.push("wan2 is not leased: NetworkManager manages it");
  assert.deepEqual(driver.unmet, unmet);
  driver.leased({ kind: "refused", name: "wan2", detail: "NetworkManager manages it" });
  const { action, cause, evidence } = events.at(-1) ?? {};
  assert.deepEqual([action, evidence], ["refused", ["NetworkManager manages it"]]);
  assert.match(cause ?? "", /wan2 .* gets no lease/);
});

test("where leases cannot be kept that is said of each link, and everything else goes on", () => {
  const { driver, follow, machine } = createRig(undefined);
  follow(both);
  assert.match(driver.unmet.join(), /^wan2 is not leased: .* could not be kept$/);
  assert.ok(machine.present.rules.length > 0);
});

test("a purge gives the leases up while their routes are there, and is not clean when one is left", async () => {
  const clean = createRig([{ kind: "given-back", name: "wan2" }]);
  clean.follow(both);
  const rules = clean.machine.present.rules.length;
  assert.equal(await clean.driver.purge(), true);
  assert.deepEqual(clean.routesAtPurge, [rules]);
  assert.equal(clean.machine.present.rules.length, 0);
  const left = createRig([{ kind: "left", name: "wan2", detail: "it does not end" }]);
  left.follow(both);
  assert.equal(await left.driver.purge(), false);
  assert.equal(left.machine.present.rules.length, 0, "all else is given back");
  assert.ok(left.events.some(({ action, evidence }) => action === "refused" && evidence[0] === "it does not end"));
});

test("of an uplink with another address, what has the old one is ended, and nothing that its mark alone tells", () => {
  const { follow, machine, events } = createRig([]);
  follow(both);
  const [first, second] = both;
  assert.ok(first !== undefined && second !== undefined);
  const { status } = second;
  const address = ipAddress("10.0.2.9");
  const ipv4 = { ...status.ipv4, source: address, addresses: [{ address, length: 24 }] };
  machine.addAddress(12, "10.0.2.9/24");
  follow([first, { ...second, status: { ...status, ipv4 } }]);
  assert.deepEqual(
    machine.ended.map(({ addresses, mark }) => [[...addresses], mark]),
    [[["10.0.2.2"], 0]],
  );
  assert.match(events.find(({ action }) => action === "ended-flows")?.cause ?? "", /wan2 has lost 10\.0\.2\.2/);
});
