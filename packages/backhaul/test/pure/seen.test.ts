/** Which paths can be measured, how, and why not the others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { measurablePaths } from "@ropewalk/backhaul/pure/seen";
import type { Family } from "@ropewalk/kernel/addresses";
import { addressFacts, linkFacts, networkFacts, routeFacts } from "./facts-fixture.ts";
import { Machine, machineConfig } from "./machine-fixture.ts";

/** A machine with one uplink of both families, under this configuration. */
function machineWith(
  probe: object,
  changes: Parameters<typeof networkFacts>[1] = {},
  entries: Machine["entries"] = [],
) {
  const machine = new Machine(entries);
  machine.config = machineConfig({ probe: { enabled: true, ...probe } });
  const addresses = [addressFacts("198.18.0.2/24"), addressFacts("2001:db8::2/64")];
  const routes = [routeFacts({ via: "198.18.0.1" }), routeFacts({ to: "::/0", via: "fe80::1" })];
  return machine.see(networkFacts([linkFacts()], { addresses, routes, ...changes }));
}

function seenOf({ state }: Machine) {
  const [uplink] = state.seen.uplinks;
  if (uplink === undefined) throw new Error("no uplink is seen");
  return uplink;
}

const reason = (machine: Machine, family: Family) => seenOf(machine).status[family].reason;
const followed = (machine: Machine) => measurablePaths(machine.state.seen.uplinks).map(({ path }) => path.family);

test("a path with carrier, address, route and a target is measured", () => {
  const machine = machineWith({});
  assert.deepEqual([followed(machine), reason(machine, "ipv4").code], [["ipv4", "ipv6"], "starting"]);
  const [path] = measurablePaths(machine.state.seen.uplinks).map((subject) => subject.path);
  assert.deepEqual([path?.source, path?.gateway, path?.mark, path?.mtu], ["198.18.0.2", "198.18.0.1", 0x100, 1_500]);
});

test("a route without a gateway is a path all the same", () => {
  const machine = machineWith({}, { routes: [routeFacts({})] });
  const [path] = measurablePaths(machine.state.seen.uplinks).map((subject) => subject.path);
  assert.deepEqual([path?.family, path?.gateway], ["ipv4", null]);
});

test("with probing off nothing is measured, with that reason", () => {
  const machine = machineWith({ enabled: false });
  assert.deepEqual([followed(machine), reason(machine, "ipv4").code], [[], "not-measured"]);
});

test("a family without a target is unknown for want of one", () => {
  const machine = machineWith({ target: [{ name: "own", address: "203.0.113.9" }] });
  assert.deepEqual([followed(machine), reason(machine, "ipv6").code], [["ipv4"], "no-target"]);
  assert.match(reason(machine, "ipv6").text, /no backhaul\.probe\.target has an ipv6 address/);
});

test("a family with fewer targets than must answer is unknown, and not down", () => {
  const own = { name: "own", address: "203.0.113.9" };
  const target = [own, { name: "two", address: "203.0.113.10" }, { name: "six", address: "2001:db8::9" }];
  const machine = machineWith({ target, require: 2 });
  assert.deepEqual([followed(machine), reason(machine, "ipv6").code], [["ipv4"], "no-target"]);
  assert.match(reason(machine, "ipv6").text, /require is 2, and only 1 of backhaul\.probe\.target has an ipv6 address/);
  assert.match(
    reason(machineWith({ target, require: 3 }), "ipv4").text,
    /only 2 of backhaul\.probe\.target have an ipv4/,
  );
});

test("the strict filter of reverse paths forbids IPv4 on a standby, and only there", () => {
  const strict = { reversePathFilters: new Map([[2, "strict"] as const]) };
  assert.deepEqual(followed(machineWith({}, strict)), ["ipv4", "ipv6"], "the kernel sends by it");
  const links = [linkFacts(), linkFacts({ ifindex: 3 })];
  const addresses = [addressFacts("198.18.0.2/24"), addressFacts("198.18.3.2/24", { ifindex: 3 })];
  const routes = [
    routeFacts({ via: "198.18.0.1", metric: 9 }),
    routeFacts({ via: "198.18.3.1", ifindex: 3, metric: 5 }),
  ];
  const machine = new Machine();
  machine.config = machineConfig({ probe: { enabled: true } });
  machine.see(networkFacts(links, { addresses, routes, ...strict }));
  assert.deepEqual(reason(machine, "ipv4").code, "strict-rp-filter");
  assert.deepEqual(
    measurablePaths(machine.state.seen.uplinks).map(({ path }) => path.name),
    ["eth3"],
  );
});

test("an uplink known to be metered is probed as those are, unless its entry says how", () => {
  const selector = { kind: "interface", pattern: "eth2" } as const;
  const entry = { selector, role: "auto", label: undefined, resolvers: undefined, addresses: undefined } as const;
  const profile = (metered: boolean | undefined, own: "fast" | undefined) =>
    seenOf(machineWith({ profile: "normal", metered_profile: "eco" }, {}, [{ ...entry, metered, profile: own }]))
      .profile;
  assert.deepEqual(
    [profile(undefined, undefined), profile(true, undefined), profile(true, "fast")],
    ["normal", "eco", "fast"],
  );
});
