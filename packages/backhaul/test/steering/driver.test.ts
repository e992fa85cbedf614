/** The driver on a machine in memory: where packets go once it has followed, what it ends, and what it makes of refusals. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import { Driver } from "@ropewalk/backhaul/steering/driver";
import { createLifetimeJournal } from "@ropewalk/backhaul/steering/lifetime-journal";
import { createSettingJournal } from "@ropewalk/backhaul/steering/setting-journal";
import type { SteeringEvent } from "@ropewalk/backhaul/steering-event";
import { uplinkMark } from "@ropewalk/host/allocations";
import type { RoutingChange } from "@ropewalk/host/routing";
import type { WantedSetting } from "@ropewalk/host/settings";
import { type Family, ipAddress } from "@ropewalk/kernel/addresses";
import { millis, seconds } from "@ropewalk/kernel/units";
import { type Decisions, deciding, idOf, uplink } from "../pure/steering/uplink-fixture.ts";
import { errnos, FakeMachine, refused } from "./fake-machine.ts";
import { SteeringBench, stateOf } from "./steering-bench.ts";

const internet = { ipv4: ipAddress("203.0.113.9"), ipv6: ipAddress("2001:db8:ffff::9") } as const;

function createRig(...slots: readonly number[]) {
  const machine = new FakeMachine();
  for (const slot of slots) machine.addUplink(slot);
  const untouched = machine.all;
  const events: SteeringEvent[] = [];
  const { store } = new SteeringBench();
  const driver = new Driver(machine.hands, {
    network: machine.network,
    journal: createSettingJournal(store),
    lifetimeJournal: createLifetimeJournal(store),
    clock: machine.clock,
    nameOf: (ifindex) => machine.network.facts.links.get(ifindex)?.name ?? `if${ifindex}`,
    onEvent: (event) => void events.push(event),
    config: () => ({ drainGrace: seconds(30), uplink: [] }),
  });
  return {
    ...{ machine, driver, events, untouched },
    follow: (uplinks: readonly SlottedUplink[], decisions: Decisions) =>
      driver.follow(stateOf(machine, uplinks, decisions)),
    told: () => events.splice(0).map(({ action, family }) => (family === null ? action : `${action} ${family}`)),
    out: (family: Family) => machine.out({ family, destination: internet[family] }),
    endings: () => machine.ended.splice(0).map(({ family, addresses }) => `${family} ${[...addresses].join()}`),
  };
}

const [healthy, dead] = [
  [uplink(1, "healthy", "healthy"), uplink(2, "healthy", "healthy")],
  [uplink(1, "silent", "silent"), uplink(2, "healthy", "healthy")],
] as const;

test("what fails in the middle is told once and stands as unmet, and the next picture is followed as if nothing had been", () => {
  const { machine, driver, follow, told, out } = createRig(1, 2);
  machine.onWrite = () => {
    throw new Error("the kernel does not tell");
  };
  follow(healthy, deciding(1));
  follow(healthy, deciding(2));
  assert.deepEqual(told().filter((action) => action === "refused").length, 1);
  assert.match(driver.unmet.join(), /the kernel does not tell/);
  machine.onWrite = () => undefined;
  follow(healthy, deciding(2));
  assert.deepEqual([out("ipv4"), out("ipv6")], [12, 12]);
  assert.deepEqual(driver.unmet, []);
});

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

test("any one write that is refused, for whatever reason, is unmet and told, and made a second later", () => {
  const whole = createRig(1, 2);
  whole.follow(healthy, deciding(1));
  const routing = whole.machine.writes.filter((write) => !("value" in write)).length;
  for (const errno of [errnos.EPERM, errnos.ENOBUFS, errnos.EEXIST, errnos.ESRCH]) {
    for (let failing = 1; failing <= routing; failing += 1) {
      const { machine, driver, follow, told, out } = createRig(1, 2);
      let written = 0;
      machine.onWrite = () => {
        written += 1;
        return written === failing ? refused(errno) : undefined;
      };
      follow(healthy, deciding(1));
      assert.ok(driver.unmet.length > 0, `write ${failing}, errno ${errno}`);
      const said = told().filter((action) => action !== "changed");
      const [of, other] = said.includes("refused ipv4") ? ["ipv4", "ipv6"] : ["ipv6", "ipv4"];
      assert.deepEqual(said, [`moved ${other}`, `refused ${of}`]);
      for (const path of healthy) {
        const source = path.status.ipv4.source ?? undefined;
        const way = machine.out({ family: "ipv4", destination: internet.ipv4, ...(source && { source }) });
        assert.notEqual(way, undefined, `a hole for ${source}: write ${failing}, errno ${errno}`);
      }
      assert.notEqual(out("ipv4"), undefined);
      machine.clock.advance(seconds(1));
      assert.deepEqual(driver.unmet, []);
      assert.deepEqual(machine.all, whole.machine.all, `write ${failing}, errno ${errno}`);
      assert.deepEqual(told(), [`moved ${of}`], "nobody else had changed anything");
    }
  }
});

test("what is refused for long is tried each second and told once, and nobody else is blamed for it", () => {
  const { machine, driver, follow, told, out } = createRig(1, 2);
  machine.onWrite = () => refused(errnos.EPERM);
  follow(healthy, deciding(1));
  assert.deepEqual(told(), ["refused ipv4", "refused ipv6", "changed"]);
  const tries = () => machine.writes.filter((write) => !("value" in write)).length;
  const first = tries();
  machine.clock.advance(seconds(60));
  assert.equal(tries(), 61 * first);
  assert.deepEqual(told(), []);
  machine.onWrite = () => undefined;
  machine.clock.advance(seconds(1));
  assert.deepEqual([driver.unmet, out("ipv4")], [[], 11]);
  assert.deepEqual(told(), ["moved ipv4", "moved ipv6"]);
});

test("of traffic that the kernel does not let go otherwise it is told what was refused, and that it moved only once it did", () => {
  const { machine, follow, told, events, out } = createRig(1, 2);
  follow(healthy, deciding(1));
  events.length = 0;
  const isOrdinary = (change: RoutingChange) => "route" in change && change.route.metric === 10;
  machine.onWrite = (change) => (isOrdinary(change) ? refused(errnos.ENOBUFS) : undefined);
  follow(healthy, deciding(2, 1));
  const [refusal] = events;
  assert.deepEqual([refusal?.action, refusal?.family, refusal?.uplinkId], ["refused", "ipv4", idOf(2)]);
  assert.match(refusal?.cause ?? "", /^test; but not all that it takes could be done/);
  assert.match(refusal?.evidence[0] ?? "", /^ip -4 route replace default .* metric 10 .*: refused \(errno 105\)$/);
  assert.deepEqual([told(), out("ipv4")], [["refused ipv4"], 11]);
  follow(healthy, deciding(2, 1));
  machine.clock.advance(seconds(10));
  assert.deepEqual(told(), [], "it is told once");
  machine.onWrite = () => undefined;
  machine.clock.advance(seconds(1));
  assert.deepEqual([told(), out("ipv4")], [["moved ipv4"], 12]);
});

test("traffic that was to go otherwise, was not let, and is to stay after all is told to go where it does", () => {
  const { machine, follow, told, events, out } = createRig(1, 2);
  follow(healthy, deciding(1));
  events.length = 0;
  machine.onWrite = () => refused(errnos.ENOBUFS);
  follow(healthy, deciding(2, 1));
  machine.onWrite = () => undefined;
  follow(healthy, deciding(1));
  assert.deepEqual([told(), out("ipv4")], [["refused ipv4", "moved ipv4"], 11]);
  machine.clock.advance(seconds(10));
  assert.deepEqual(told(), []);
});

test("a setting that cannot be written is unmet and told, and everything else is done", () => {
  const { machine, driver, follow, told, out } = createRig(1, 2);
  machine.settingFault = "read-only file system";
  follow(healthy, deciding(1));
  assert.match(driver.unmet.join("\n"), /wan1\/ignore_routes_with_linkdown: read-only file system/);
  assert.ok(told().includes("refused"));
  assert.deepEqual([out("ipv4"), out("ipv6")], [11, 11]);
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

test("what nft refused is tried again with the next picture, and told once", async () => {
  const { machine, driver, follow, events } = createRig(1, 2);
  const refusals = () => events.filter(({ evidence }) => evidence.includes("too slow")).length;
  machine.nft = async () => ({ kind: "refused", detail: "too slow" });
  for (let round = 0; round < 3; round += 1) {
    follow(healthy, deciding(1));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([driver.unmet, refusals()], [["marks of forwarded flows: too slow"], 1]);
  machine.nft = async () => ({ kind: "done" });
  follow(healthy, deciding(1));
  await new Promise<void>((resolve) => setImmediate(resolve));
  assert.deepEqual(driver.unmet, []);
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
