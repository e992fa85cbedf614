/** Orders as the machine takes them: what is done, what is refused, what is told and what is kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperatorOrder } from "@ropewalk/backhaul/pure/orders";
import { pinTrouble } from "@ropewalk/backhaul/pure/pin-trouble";
import type { BackhaulEvent } from "@ropewalk/backhaul/status";
import type { LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { addressFacts, linkFacts, networkFacts, now, routeFacts } from "./facts-fixture.ts";
import { Machine } from "./machine-fixture.ts";

/** eth2 and eth3, of which eth2 has the better metric; nothing is measured. */
function network(changes: Partial<LinkFacts> = {}, others: readonly LinkFacts[] = [eth3]): NetworkFacts {
  const addresses = [addressFacts("192.0.2.2/24"), addressFacts("198.51.100.2/24", { ifindex: 3 })];
  const routes = [
    routeFacts({ via: "192.0.2.1", metric: 100 }),
    routeFacts({ via: "198.51.100.1", ifindex: 3, metric: 200 }),
  ];
  return networkFacts([linkFacts({ name: "eth2", ...changes }), ...others], { addresses, routes });
}

const eth3 = linkFacts({ ifindex: 3, name: "eth3" });

class Ordered extends Machine {
  /** "done", or why not. */
  order(kind: OperatorOrder["kind"], name?: string): string {
    const uplinkId = name === undefined ? undefined : (this.idOf(name) as UplinkId);
    this.take({ kind: "order", at: now, order: { kind, uplinkId } as OperatorOrder });
    const [told] = this.events().flatMap((event) => (event.kind === "order" ? [event] : []));
    return told?.outcome.kind === "refused" ? told.outcome.reason : "done";
  }

  idOf(name: string): string {
    return this.uplinks.find((uplink) => uplink.name === name)?.id ?? name;
  }

  get chosen(): readonly (string | null)[] {
    const { ipv4, ipv6, overall } = this.state.picture.decisions;
    return [ipv4.name, ipv6.name, overall.name];
  }
}

function seen(): Ordered {
  const machine = new Ordered();
  machine.see(network());
  machine.effects.length = 0;
  return machine;
}

test("an order moves the choice in each family in which its uplink can be used, and in the same step", () => {
  for (const kind of ["use", "pin"] as const) {
    const machine = seen();
    assert.deepEqual(machine.chosen, ["eth2", null, "eth2"]);
    assert.equal(machine.order(kind, "eth3"), "done");
    assert.deepEqual(machine.chosen, ["eth3", null, "eth3"]);
  }
  const machine = seen();
  assert.equal(machine.order("drain", "eth2"), "done");
  assert.deepEqual(machine.chosen, ["eth3", null, "eth3"]);
});

test("an order is told before what it brings about, by name and with its outcome", () => {
  const machine = seen();
  machine.take({ kind: "order", at: now, order: { kind: "pin", uplinkId: machine.idOf("eth3") as UplinkId } });
  const [told, then] = machine.events() as [BackhaulEvent, BackhaulEvent];
  const id = machine.idOf("eth3");
  assert.deepEqual(told, { kind: "order", order: "pin", uplinkId: id, name: "eth3", outcome: { kind: "done" } });
  assert.equal(then.kind, "connectivity");
});

test("a release of all goes back to merit at once, and is told without a name", () => {
  const machine = seen();
  machine.order("use", "eth3");
  machine.take({ kind: "order", at: now, order: { kind: "release", uplinkId: undefined } });
  const [told] = machine.events();
  assert.deepEqual(told, { kind: "order", order: "release", uplinkId: null, name: null, outcome: { kind: "done" } });
  assert.deepEqual(machine.chosen, ["eth2", null, "eth2"]);
});

test("pins and drains are kept across a restart, a use is not, and a refused or repeated order changes nothing", () => {
  const machine = seen();
  const kept = () => machine.taken("save-orders").map(({ orders }) => orders);
  machine.order("use", "eth3");
  assert.deepEqual(kept(), []);
  machine.order("pin", "eth3");
  assert.deepEqual(kept(), [{ pinned: machine.idOf("eth3"), drained: [] }]);
  machine.order("pin", "eth3");
  machine.order("drain", "eth3");
  assert.deepEqual(kept(), []);
  machine.order("drain", "eth2");
  assert.deepEqual(kept(), [{ pinned: machine.idOf("eth3"), drained: [machine.idOf("eth2")] }]);
});

test("what was ordered in an earlier run holds as soon as the uplinks are there", () => {
  const machine = new Ordered();
  const pinned = seen().idOf("eth3") as UplinkId;
  machine.take({ kind: "standing-orders", at: now, orders: { pinned, drained: [] } });
  assert.equal(pinTrouble(machine.state), undefined, "nothing is known yet");
  machine.see(network());
  assert.deepEqual(machine.chosen, ["eth3", null, "eth3"]);
  assert.equal(machine.state.picture.decisions.ipv4.order, "pinned");
});

test("an order for an uplink that is not there is refused, and released all the same when it stood", () => {
  const machine = seen();
  for (const kind of ["use", "pin", "drain", "release"] as const) {
    assert.equal(machine.order(kind, "mac-none"), "there is no uplink mac-none");
  }
  const id = machine.idOf("eth3");
  machine.order("pin", "eth3");
  machine.see(network({}, []));
  assert.deepEqual(machine.ids, [machine.idOf("eth2")]);
  assert.match(pinTrouble(machine.state) ?? "", /is pinned and is not there: others are used until it comes/);
  assert.equal(machine.order("release", id), "done");
  assert.equal(machine.state.orders.pinned, undefined);
});

test("an uplink that cannot be used is refused by use and by pin, with what it lacks; it may be drained", () => {
  const machine = seen();
  machine.see(network({ hasCarrier: false }));
  for (const kind of ["use", "pin"] as const) {
    assert.match(machine.order(kind, "eth2"), /^eth2 cannot be used: eth2 has no carrier/);
  }
  assert.equal(machine.order("drain", "eth2"), "done");
  const { rejected } = machine.state.picture.decisions.ipv4;
  assert.match(rejected[0]?.reason ?? "", /no carrier.*; eth2 is drained besides$/);
});

test("an order that contradicts one that stands is refused until that is released", () => {
  const machine = seen();
  machine.order("pin", "eth3");
  assert.equal(machine.order("drain", "eth3"), "eth3 is pinned: release it first");
  assert.equal(machine.order("use", "eth2"), "eth3 is pinned: release it first");
  assert.equal(machine.order("use", "eth3"), "done");
  assert.equal(machine.order("pin", "eth2"), "done", "another pin takes its place");
  machine.order("release", "eth2");
  machine.order("drain", "eth3");
  for (const kind of ["use", "pin"] as const) {
    assert.equal(machine.order(kind, "eth3"), "eth3 is drained: release it first");
  }
  machine.order("release", "eth3");
  assert.equal(machine.order("use", "eth3"), "done");
});

test("the only uplink may be drained: it stays in use, and the decision says why", () => {
  const machine = new Ordered();
  machine.see(network({}, []));
  assert.equal(machine.order("drain", "eth2"), "done");
  const { ipv4 } = machine.state.picture.decisions;
  assert.deepEqual([ipv4.name, ipv4.order], ["eth2", "drained-last-resort"]);
  assert.equal(ipv4.reason, "eth2 is drained, and used all the same for want of a better one");
});

test("a use ends with a use of another, a pin, or a release or drain of the same uplink", () => {
  const used = (machine: Ordered) => machine.state.choices.ipv4.used;
  for (const [kind, name] of [
    ["use", "eth2"],
    ["pin", "eth2"],
    ["drain", "eth3"],
    ["release", "eth3"],
    ["release", undefined],
  ] as const) {
    const machine = seen();
    machine.order("use", "eth3");
    assert.equal(used(machine), machine.idOf("eth3"));
    machine.order("release", "eth2");
    assert.equal(used(machine), machine.idOf("eth3"), "nothing was said of it");
    machine.order(kind, name);
    assert.notEqual(used(machine), machine.idOf("eth3"), `${kind} ${name}`);
  }
});

test("a pin whose uplink cannot be used is trouble until it can", () => {
  const machine = seen();
  machine.order("pin", "eth2");
  assert.equal(pinTrouble(machine.state), undefined);
  machine.see(network({ hasCarrier: false }));
  assert.match(pinTrouble(machine.state) ?? "", /^eth2 is pinned and cannot be used \(eth2 has no carrier/);
  assert.deepEqual(machine.chosen, ["eth3", null, "eth3"]);
  machine.see(network());
  assert.equal(pinTrouble(machine.state), undefined);
  assert.deepEqual(machine.chosen, ["eth2", null, "eth2"]);
});

test("of the usable paths those of drained uplinks come last", () => {
  const machine = seen();
  const order = () => machine.state.picture.connectivity.usable.map(({ name }) => name);
  assert.deepEqual(order(), ["eth2", "eth3"]);
  machine.order("drain", "eth2");
  assert.deepEqual(order(), ["eth3", "eth2"]);
});
