/** The driver on a machine in memory: where packets go once it has followed, and what it ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import { uplinkMark } from "@ropewalk/host/allocations";
import type { WantedSetting } from "@ropewalk/host/settings";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { millis, seconds } from "@ropewalk/kernel/units";
import { deciding, idOf, uplink } from "../pure/steering/uplink-fixture.ts";
import { createRig, internet } from "./driver-rig.ts";

const [healthy, dead] = [
  [uplink(1, "healthy", "healthy"), uplink(2, "healthy", "healthy")],
  [uplink(1, "silent", "silent"), uplink(2, "healthy", "healthy")],
] as const;

test("traffic goes as was decided when the call returns, and what is on the dead uplink is ended after that", () => {
  const { machine, follow, told, out, endings } = createRig(1, 2);
  follow(healthy, deciding(1));
  assert.deepEqual([out("ipv4"), out("ipv6")], [11, 11]);
  assert.deepEqual(told(), ["moved ipv4", "moved ipv6", "changed"]);
  const order: string[] = [];
  machine.onWrite = () => void order.push("write");
  machine.endSockets = () => {
    order.push("end");
    return { removed: 3, refused: 1, detail: "no" };
  };
  follow(dead, deciding(2));
  assert.deepEqual([out("ipv4"), out("ipv6")], [12, 12]);
  assert.deepEqual(endings(), ["ipv4 10.0.1.2", "ipv6 2001:db8:1::2"]);
  assert.equal(order.lastIndexOf("write"), order.indexOf("end") - 1, order.join());
  assert.deepEqual(told(), ["moved ipv4", "moved ipv6", "changed ipv6", "ended-flows ipv4", "ended-flows ipv6"]);
  follow(dead, deciding(2));
  assert.deepEqual([told(), endings()], [[], []], "nothing is done twice");
});

test("flows are deleted by the dead uplink's mark once nft has made marks, and never where it could not", async () => {
  for (const [kind, flushed] of [
    ["done", [uplinkMark(1), uplinkMark(1)]],
    ["no-nft", []],
  ] as const) {
    const { machine, follow } = createRig(1, 2);
    machine.nft = async () => ({ kind });
    follow(healthy, deciding(1));
    await new Promise((resolve) => setImmediate(resolve));
    follow(dead, deciding(2));
    assert.deepEqual(machine.flushed, flushed, kind);
  }
});

test("who is asked to end sockets and throws keeps nothing from being moved, and is told of", () => {
  const { machine, follow, out, events } = createRig(1, 2);
  follow(healthy, deciding(1));
  machine.endSockets = () => {
    throw new Error("no sock_diag here");
  };
  follow(dead, deciding(2));
  assert.equal(out("ipv4"), 12);
  const ended = events.find(({ action }) => action === "ended-flows");
  assert.match(ended?.evidence[0] ?? "", /0 local sockets ended, 1 not: no sock_diag here/);
});

test("with all uplinks down the routes stay as they are, and nothing is ended", () => {
  const { machine, follow, out, endings } = createRig(1, 2);
  follow(healthy, deciding(1));
  const { all } = machine;
  follow([uplink(1, "silent", "silent"), uplink(2, "beyond-gateway", "beyond-gateway")], deciding(1));
  assert.deepEqual(machine.all, all);
  follow([uplink(1, "silent", "silent"), uplink(2, "beyond-gateway", "beyond-gateway")], deciding(undefined));
  assert.equal(machine.present.rules.length > 0 && out("ipv4") !== undefined, true);
  assert.deepEqual(endings(), []);
});

test("the only uplink may be as bad as it likes: nothing moves, and nothing is ended", () => {
  const { machine, follow, out, endings, told } = createRig(1);
  follow([uplink(1, "healthy", "healthy")], deciding(1));
  const { all } = machine;
  told();
  for (const code of ["loss", "tcp-blocked", "silent", "http-intercepted"] as const) {
    follow([uplink(1, code, code)], deciding(1));
    assert.deepEqual([out("ipv4"), out("ipv6")], [11, 11]);
  }
  assert.deepEqual([machine.all, endings(), told()], [all, [], []]);
});

test("without a carrier the kernel itself takes the backup, before anybody has decided anything", () => {
  const { machine, follow, out } = createRig(1, 2);
  follow(healthy, deciding(1));
  machine.network.setCarrier(11, false);
  assert.deepEqual([out("ipv4"), out("ipv6")], [12, 12]);
  const bound = machine.out({ family: "ipv4", destination: internet.ipv4, mark: uplinkMark(1) });
  assert.equal(bound, undefined, "who is bound to it leaves by no other");
});

test("an uplink that vanishes while traffic is moved to it leaves traffic where it was, and nothing of itself", () => {
  const writes = countWrites();
  for (let dying = 1; dying <= writes; dying += 1) {
    const { machine, driver, follow, out } = createRig(1, 2);
    follow(healthy, deciding(1));
    const before = machine.writes.length;
    machine.onWrite = (_, index) => {
      if (index === before + dying) machine.network.removeLink(12);
      return undefined;
    };
    follow(healthy, deciding(2));
    follow([uplink(1, "healthy", "healthy")], deciding(1));
    assert.deepEqual([out("ipv4"), out("ipv6")], [11, 11], `it vanished at write ${dying}`);
    assert.deepEqual(driver.unmet, []);
    const { routes, rules } = machine.present;
    assert.ok(!routes.some(({ nextHops }) => nextHops[0]?.ifindex === 12));
    assert.ok(!rules.some(({ mark }) => mark?.value === uplinkMark(2)));
  }
});

test("a lease that runs out in the middle of a move to it leaves the other uplink in use", () => {
  const writes = countWrites();
  for (let dying = 1; dying <= writes; dying += 1) {
    const { machine, driver, follow, out } = createRig(1, 2);
    follow(healthy, deciding(1));
    const before = machine.writes.length;
    machine.onWrite = (_, index) => {
      if (index === before + dying) machine.network.removeAddress(12, "10.0.2.2/24");
      return undefined;
    };
    follow(healthy, deciding(2));
    const expired = [uplink(1, "healthy", "healthy"), uplink(2, "no-address", "healthy")];
    follow(expired, deciding(1, 2));
    assert.deepEqual([out("ipv4"), out("ipv6")], [11, 12], `it ran out at write ${dying}`);
    assert.deepEqual(driver.unmet, []);
  }
});

/** As many as a move from the first uplink to the second takes. */
function countWrites(): number {
  const { machine, follow } = createRig(1, 2);
  follow(healthy, deciding(1));
  const before = machine.writes.length;
  follow(healthy, deciding(2));
  assert.ok(machine.writes.length > before);
  return machine.writes.length - before;
}

test("two uplinks in one subnet are told apart, and the address of the dead one is not taken for the other's", () => {
  const { machine, follow, out, endings } = createRig();
  const sharing = (slot: number, code: "healthy" | "silent"): SlottedUplink => {
    const { status } = uplink(slot, code);
    const address = ipAddress(`10.0.0.${slot}`);
    const ipv4 = { ...status.ipv4, source: address, addresses: [{ address, length: 24 }] };
    return { slot, status: { ...status, ipv4 } };
  };
  for (const slot of [1, 2]) machine.addUplink(slot, [`10.0.0.${slot}/24`]);
  follow([sharing(1, "healthy"), sharing(2, "healthy")], deciding(1));
  follow([sharing(1, "silent"), sharing(2, "healthy")], deciding(2));
  assert.equal(out("ipv4"), 12);
  for (const slot of [1, 2]) {
    const source = ipAddress(`10.0.0.${slot}`);
    assert.equal(machine.out({ family: "ipv4", destination: internet.ipv4, source }), 10 + slot);
  }
  assert.deepEqual(endings(), ["ipv4 10.0.0.1"]);
});

test("a setting that somebody sets back is set again, and told", () => {
  const { machine, follow, told } = createRig(1, 2);
  const { settings } = machine.hands;
  const place = { kind: "interface", interfaceName: "wan2" } as const;
  const back: readonly (readonly [WantedSetting, number])[] = [
    [{ ...place, family: "ipv4", name: "rp_filter", value: 1 }, 2],
    [{ ...place, family: "ipv6", name: "ignore_routes_with_linkdown", value: 0 }, 1],
  ];
  follow(healthy, deciding(1));
  for (const [theirs, ours] of back) {
    told();
    settings.write(theirs);
    follow(healthy, deciding(1));
    assert.equal(settings.read(theirs), ours, theirs.name);
    assert.deepEqual(told(), ["changed"]);
    follow(healthy, deciding(1));
    assert.deepEqual(told(), []);
  }
});

test("after a purge the machine is as it was, and the next follow builds all of it again", async () => {
  const { machine, driver, follow, untouched } = createRig(1, 2);
  follow(healthy, deciding(1));
  const { all } = machine;
  assert.equal(await driver.purge(), true);
  assert.deepEqual(machine.all, untouched);
  assert.deepEqual(driver.unmet, []);
  follow(healthy, deciding(1));
  assert.deepEqual(machine.all, all);
});

test("each event says who and why", () => {
  const { follow, events } = createRig(1, 2);
  follow(healthy, deciding(1));
  const [moved] = events;
  assert.deepEqual([moved?.action, moved?.uplinkId, moved?.cause], ["moved", idOf(1), "test"]);
  assert.match(moved?.evidence.join("\n") ?? "", /^ip -4 rule add lookup 200 priority 32765/m);
});

test("each event bears the moment at which it was done, however long it takes to end what is stranded", () => {
  const { machine, driver, follow, events } = createRig(1, 2);
  follow(healthy, deciding(1));
  events.length = 0;
  machine.clock.advance(seconds(1));
  machine.onWrite = () => void machine.clock.advance(millis(1));
  machine.endSockets = () => {
    machine.clock.advance(millis(100));
    return { removed: 1, refused: 0, detail: undefined };
  };
  const before = machine.writes.length;
  follow(dead, deciding(2));
  const routed = seconds(1) + machine.writes.length - before;
  assert.deepEqual(driver.unmet, []);
  assert.deepEqual(
    events.map(({ action, at }) => [action, at]),
    [
      ["moved", routed],
      ["moved", routed],
      ["changed", routed + 200],
      ["ended-flows", routed + 200],
      ["ended-flows", routed + 200],
    ],
  );
});
