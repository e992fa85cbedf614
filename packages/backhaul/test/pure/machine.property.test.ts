/** What holds of the machine whatever happens to the network: random links, addresses, routes, devices and memories. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keepRoute } from "@ropewalk/backhaul/pure/default-routes";
import { isSameInterface } from "@ropewalk/backhaul/pure/identity";
import type { BackhaulInput, BackhaulState } from "@ropewalk/backhaul/pure/state";
import type { BackhaulEvent, UplinkStatus } from "@ropewalk/backhaul/status";
import type { LinkFacts, NetworkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import fc from "fast-check";
import { addressFacts, deviceFacts, linkFacts, mac, networkFacts, now, routeFacts } from "./facts-fixture.ts";
import { deviceOf, Machine } from "./machine-fixture.ts";

const ifindexes = fc.integer({ min: 2, max: 6 });
const macs = fc.constantFrom(undefined, mac("02:00:00:00:00:01"), mac("02:00:00:00:00:02"));

const links: fc.Arbitrary<LinkFacts> = fc
  .record({
    ifindex: ifindexes,
    name: fc.constantFrom("eth0", "eth1", "wwan0", "a@b", "\u001b[31m", "x~2"),
    mac: macs,
    permanentMac: macs,
    hardwareType: fc.constantFrom(1, 1, 1, 512, 65534, 772),
    isEnabled: fc.boolean(),
    hasCarrier: fc.boolean(),
    isDormant: fc.constantFrom(false, false, true),
    virtualKind: fc.constantFrom(undefined, undefined, "veth", "tun", "bridge"),
    master: fc.constantFrom(undefined, undefined, undefined, 9),
  })
  .map((changes) => linkFacts(changes));

const addresses = fc
  .tuple(ifindexes, fc.constantFrom("192.0.2.2/24", "198.51.100.2/24", "2001:db8::2/64", "fe80::2/64"), fc.boolean())
  .map(([ifindex, text, isTentative]) => addressFacts(text, { ifindex, isTentative }));

const routes = fc
  .record({
    ifindex: ifindexes,
    to: fc.constantFrom("0.0.0.0/0", "::/0", "128.0.0.0/1", "10.0.0.0/8"),
    metric: fc.nat({ max: 3 }),
    table: fc.constantFrom(254, 254, 100),
  })
  .map((changes) => routeFacts(changes));

const networks: fc.Arbitrary<NetworkFacts> = fc
  .tuple(fc.uniqueArray(links, { selector: (link) => link.ifindex }), fc.array(addresses), fc.array(routes))
  .map(([made, own, ways]) => networkFacts(made, { addresses: own, routes: ways.filter(keepRoute) }));

const devices = fc.record({
  ifindex: ifindexes,
  name: fc.constantFrom("eth0", "eth1", "wwan0"),
  facts: fc.option(fc.constantFrom(deviceFacts(), deviceFacts({ devicePath: "a/usb1/1-1" })), { nil: undefined }),
});

const inputs: fc.Arbitrary<BackhaulInput> = fc.oneof(
  networks.map((facts) => ({ kind: "network", at: now, facts }) as const),
  fc.array(devices).map((answers) => ({ kind: "devices", at: now, answers }) as const),
  fc.constant({ kind: "config", at: now } as const),
  fc.array(ifindexes).map((slots) => {
    const uplinks = slots.map((slot) => {
      return { id: `mac-02:00:00:00:00:0${slot}` as UplinkId, slot, interfaceName: "eth0", mac: undefined };
    });
    return { kind: "remembered", at: now, uplinks } as const;
  }),
);

/** The uplinks that a subscriber knows who heard every event from the start. */
function replay(known: Map<UplinkId, UplinkStatus>, events: readonly BackhaulEvent[]): void {
  for (const event of events) {
    switch (event.kind) {
      case "uplink-added":
        assert.ok(!known.has(event.uplink.id), "added twice");
        known.set(event.uplink.id, event.uplink);
        break;
      case "uplink-changed":
        assert.ok(known.has(event.uplink.id) && event.changed.length > 0);
        known.set(event.uplink.id, event.uplink);
        break;
      case "uplink-removed":
        assert.ok(known.delete(event.uplinkId), "removed though not there");
        break;
      case "connectivity":
        break;
    }
  }
}

function assertSound({ network, uplinks, picture }: BackhaulState): void {
  if (network === undefined) return;
  const all = [...uplinks.values()];
  assert.equal(new Set(all.map((uplink) => uplink.id)).size, all.length, "ids are distinct");
  assert.equal(new Set(all.map((uplink) => uplink.slot)).size, all.length, "slots are distinct");
  for (const [ifindex, uplink] of uplinks) assert.equal(uplink.link, network.links.get(ifindex));
  for (const { ifindex, family, source } of picture.connectivity.usable) {
    const link = network.links.get(ifindex);
    assert.ok(link?.hasCarrier === true && link.isEnabled && !link.isDormant, "carrier");
    assert.ok(network.addresses.some((own) => own.ifindex === ifindex && own.address === source && !own.isTentative));
    assert.ok(
      network.routes.some((way) => way.family === family && way.nextHops.some((hop) => hop.ifindex === ifindex)),
    );
  }
  for (const { uplinkId, rejected } of Object.values(picture.decisions)) {
    const told = [...rejected.map((one) => one.uplinkId), ...(uplinkId === null ? [] : [uplinkId])];
    assert.deepEqual(told.toSorted(), all.map((uplink) => uplink.id).toSorted(), "each is chosen or rejected");
  }
}

test("the picture is sound after every step, and the events alone lead to it", () => {
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 12 }), (sequence) => {
      const machine = new Machine();
      const known = new Map<UplinkId, UplinkStatus>();
      for (const input of sequence) {
        machine.take(input);
        assertSound(machine.state);
        replay(known, machine.events());
        assert.deepEqual(new Set(known.values()), new Set(machine.uplinks));
      }
    }),
    { numRuns: 500 },
  );
});

test("nothing is told, saved or counted when the same is seen again", () => {
  fc.assert(
    fc.property(fc.array(networks, { minLength: 1, maxLength: 5 }), (sequence) => {
      const machine = new Machine();
      for (const facts of sequence) machine.see(facts);
      const { generation } = machine.state.picture.connectivity;
      machine.effects.length = 0;
      machine.see(structuredClone(sequence.at(-1) as NetworkFacts));
      assert.deepEqual(machine.effects, []);
      assert.equal(machine.state.picture.connectivity.generation, generation);
    }),
    { numRuns: 300 },
  );
});

test("the generation grows by one with each change of connectivity, and with nothing else", () => {
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 10 }), (sequence) => {
      const machine = new Machine();
      for (const input of sequence) {
        const { generation: before, ...contentBefore } = machine.state.picture.connectivity;
        machine.take(input);
        const { generation, ...content } = machine.state.picture.connectivity;
        const isChanged = JSON.stringify(content) !== JSON.stringify(contentBefore);
        assert.equal(generation - before, Number(isChanged));
      }
    }),
    { numRuns: 300 },
  );
});

test("an uplink stays the same one for as long as its interface is there and nothing rules it out", () => {
  fc.assert(
    fc.property(fc.array(networks, { maxLength: 8 }), (sequence) => {
      const machine = new Machine([], (link) => ({ ...deviceOf(link), isVirtual: true, devicePath: "virtual/net/x" }));
      for (const facts of sequence) {
        const before = machine.state.uplinks;
        machine.see(facts);
        for (const [ifindex, { id, slot, link: old }] of before) {
          const link = facts.links.get(ifindex);
          const isOut = link === undefined || !isSameInterface(old, link);
          if (isOut || link.master !== undefined || link.virtualKind === "tun" || link.hardwareType === 772) continue;
          assert.deepEqual(
            [machine.state.uplinks.get(ifindex)?.id, machine.state.uplinks.get(ifindex)?.slot],
            [id, slot],
          );
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** The same object or list; `onRead` hears of every field or element that is read. */
function overheard<T extends object>(all: T, onRead: () => void): T {
  return new Proxy(all, {
    get: (target, key, receiver) => {
      if (!Array.isArray(target) || (typeof key === "string" && /^\d+$/.test(key))) onRead();
      return Reflect.get(target, key, receiver);
    },
  });
}

test("a step over 500 interfaces with few uplinks goes through them a few times, and not once for each of them", () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    linkFacts({ ifindex: index + 2, name: `if${index}`, virtualKind: "veth" }),
  );
  const own = many.flatMap(({ ifindex }) => [
    addressFacts("192.0.2.2/24", { ifindex }),
    addressFacts("fe80::2/64", { ifindex }),
  ]);
  const ways = [2, 3, 4, 5].map((ifindex) => routeFacts({ ifindex, metric: ifindex }));
  const machine = new Machine().see(networkFacts(many, { addresses: own, routes: ways }));
  const [first, ...rest] = many as [LinkFacts, ...LinkFacts[]];
  for (const hasCarrier of [false, true]) {
    const reads = { links: 0, addresses: 0 };
    const countLink = () => {
      reads.links += 1;
    };
    const countAddress = () => {
      reads.addresses += 1;
    };
    const links = [{ ...first, hasCarrier }, ...rest].map((link) => overheard(link, countLink));
    const seen = networkFacts(links, { addresses: overheard(own, countAddress), routes: ways });
    machine.take({ kind: "network", at: now, facts: seen });
    const told = `${JSON.stringify(reads)} of ${many.length} links and ${own.length} addresses`;
    assert.ok(reads.links >= many.length && reads.links <= 20 * many.length, told);
    assert.ok(reads.addresses >= own.length && reads.addresses <= 4 * own.length, told);
  }
});
