/** Uplinks over time: who is one, who stays one, and what is told and kept of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { UplinkEntry } from "@ropewalk/backhaul/pure/entries";
import type { RememberedUplink } from "@ropewalk/backhaul/pure/state";
import type { LinkFacts } from "@ropewalk/host/facts";
import type { UplinkId } from "@ropewalk/kernel/connectivity";
import { addressFacts, deviceFacts, linkFacts, mac, networkFacts, now, routeFacts } from "./facts-fixture.ts";
import { deviceOf, Machine } from "./machine-fixture.ts";

const veth = (changes: Partial<LinkFacts> = {}) =>
  linkFacts({ virtualKind: "veth", permanentMac: undefined, ...changes });
const route = (ifindex: number) => routeFacts({ ifindex, metric: ifindex, via: `192.0.${ifindex}.1` });

function entry(selector: UplinkEntry["selector"], role: UplinkEntry["role"]): UplinkEntry {
  return {
    selector,
    role,
    label: undefined,
    metered: undefined,
    resolvers: undefined,
    profile: undefined,
    addresses: undefined,
  };
}

function remembered(id: string, slot: number, interfaceName: string): RememberedUplink {
  return { id: id as UplinkId, slot, interfaceName, mac: undefined };
}

test("a plain route through a gateway of the LAN makes no uplink", () => {
  const lan = routeFacts({ to: "10.0.0.0/8", via: "192.168.1.254" });
  assert.deepEqual(new Machine().see(networkFacts([linkFacts()], { routes: [lan] })).ids, []);
});

test("two uplinks with one MAC address have two ids, and each keeps its own when the other goes and comes", () => {
  const one = mac("02:00:00:00:00:aa");
  const a = veth({ ifindex: 2, mac: one });
  const b = veth({ ifindex: 3, mac: one });
  const both = networkFacts([a, b], { routes: [route(2), route(3)] });
  const machine = new Machine().see(both);
  assert.deepEqual(machine.ids, ["mac-02:00:00:00:00:aa", "mac-02:00:00:00:00:aa@eth3"]);
  machine.see(networkFacts([b], { routes: [route(3)] }));
  assert.deepEqual(machine.ids, ["mac-02:00:00:00:00:aa@eth3"]);
  machine.see(networkFacts([b, { ...a, ifindex: 4, name: "eth4" }], { routes: [route(3), route(4)] }));
  assert.deepEqual(machine.ids, ["mac-02:00:00:00:00:aa@eth3", "mac-02:00:00:00:00:aa"]);
});

test("two uplinks with one MAC address keep their ids over a restart, in whatever order they are found", () => {
  const one = mac("02:00:00:00:00:aa");
  const facts = networkFacts([veth({ ifindex: 2, mac: one }), veth({ ifindex: 3, mac: one })], {
    routes: [route(2), route(3)],
  });
  const machine = new Machine()
    .remember(remembered("mac-02:00:00:00:00:aa", 7, "eth3"), remembered("mac-02:00:00:00:00:aa@eth2", 8, "eth2"))
    .see(facts);
  assert.deepEqual(machine.ids, ["mac-02:00:00:00:00:aa@eth2", "mac-02:00:00:00:00:aa"]);
  assert.deepEqual([...machine.state.uplinks.values()].map((uplink) => uplink.slot).toSorted(), [7, 8]);
});

test("an id and a slot are kept for the uplink of an earlier run whose device is not read yet", () => {
  const one = mac("02:00:00:00:00:aa");
  const facts = networkFacts([veth({ ifindex: 2, mac: one }), veth({ ifindex: 3, mac: one })], {
    routes: [route(2), route(3)],
  });
  const machine = new Machine().remember(remembered("mac-02:00:00:00:00:aa", 1, "eth3"));
  machine.take({ kind: "network", at: now, facts });
  const answer = (ifindex: number, name: string) => {
    machine.take({ kind: "devices", at: now, answers: [{ ifindex, name, facts: deviceOf(veth({ ifindex })) }] });
  };
  answer(2, "eth2");
  assert.deepEqual(machine.ids, ["mac-02:00:00:00:00:aa@eth2"]);
  answer(3, "eth3");
  assert.deepEqual(machine.ids, ["mac-02:00:00:00:00:aa@eth2", "mac-02:00:00:00:00:aa"]);
  assert.deepEqual([machine.state.uplinks.get(2)?.slot, machine.state.uplinks.get(3)?.slot], [2, 1]);
});

test("renumbering, a rename and a new MAC address leave the id as it was", () => {
  const before = veth();
  const machine = new Machine().see(
    networkFacts([before], { routes: [route(2)], addresses: [addressFacts("192.0.2.2/24")] }),
  );
  const [id] = machine.ids;
  machine.see(networkFacts([before], { routes: [route(2)], addresses: [addressFacts("198.51.100.2/24")] }));
  machine.see(networkFacts([{ ...before, name: "wan" }], { routes: [route(2)] }));
  machine.see(networkFacts([{ ...before, name: "wan", mac: mac("02:00:00:00:00:bb") }], { routes: [route(2)] }));
  assert.deepEqual(machine.ids, [id]);
});

test("an interface that took another's number is another uplink, told as one gone and one come", () => {
  const machine = new Machine().see(networkFacts([veth()], { routes: [route(2)] }));
  machine.events();
  machine.see(networkFacts([veth({ name: "other", mac: mac("02:00:00:00:00:cc") })], { routes: [route(2)] }));
  const told = machine.events().flatMap((event) => (event.kind.startsWith("uplink-") ? [event.kind] : []));
  assert.deepEqual(told, ["uplink-removed", "uplink-added"]);
  assert.deepEqual(machine.ids, ["mac-02:00:00:00:00:cc"]);
});

test("a device found in another place behind the same interface is another uplink", () => {
  let place = "pci0000:00/0000:03:00.0";
  const machine = new Machine([], () => deviceFacts({ devicePath: place }));
  machine.see(networkFacts([linkFacts()], { routes: [route(2)] }));
  place = "pci0000:00/0000:04:00.0";
  machine.see(networkFacts([linkFacts({ name: "swapped" })], { routes: [route(2)] }));
  assert.deepEqual(machine.ids, ["pci-0000:04:00.0"]);
});

test("the device is read again after a rename and when a carrier comes, for its speed", () => {
  const up = linkFacts();
  const down = { ...up, hasCarrier: false };
  const machine = new Machine().see(networkFacts([up], { routes: [route(2)] }));
  const asked = (link: LinkFacts) => {
    machine.take({ kind: "network", at: now, facts: networkFacts([link], { routes: [route(2)] }) });
    const names = machine.effects.flatMap((effect) => (effect.kind === "read-device" ? [effect.name] : []));
    machine.answer();
    return names;
  };
  assert.deepEqual(
    [asked(down), asked(up), asked({ ...up, name: "wan" }), asked({ ...up, name: "wan" })],
    [[], ["eth2"], ["wan"], []],
  );
});

test("an excluded uplink ends with the reason, and is forgotten", () => {
  const machine = new Machine().see(networkFacts([linkFacts()], { routes: [route(2)] }));
  machine.effects.length = 0;
  machine.configure(entry({ kind: "interface", pattern: "eth*" }, "exclude"));
  const [removed] = machine.events();
  assert.equal(removed?.kind === "uplink-removed" && removed.reason, "the configuration excludes it");
  assert.deepEqual(
    machine.taken("save").map((effect) => effect.uplinks),
    [[]],
  );
});

test("an uplink that joins a bridge is none any more", () => {
  const machine = new Machine().see(networkFacts([linkFacts()], { routes: [route(2)] }));
  machine.see(networkFacts([linkFacts({ master: 9 })], { routes: [route(2)] }));
  assert.deepEqual(machine.ids, []);
});

test("an entry includes a link without routes, by its name or by the id that only its device tells", () => {
  const facts = networkFacts([linkFacts(), linkFacts({ ifindex: 3 })]);
  const byName = new Machine([entry({ kind: "interface", pattern: "eth2" }, "include")]).see(facts);
  const byId = new Machine([entry({ kind: "id", id: "pci-0000:03:00.0" }, "include")]).see(facts);
  assert.deepEqual([byName.ids, byId.ids], [["pci-0000:02:00.0"], ["pci-0000:03:00.0"]]);
  assert.equal(byName.uplinks[0]?.reason.code, "no-address");
});

test("a lease's gateway makes an uplink of a link that no route uses, and it is down for want of one", () => {
  const facts = networkFacts([linkFacts()], { addresses: [addressFacts("192.0.2.2/24")] });
  const machine = new Machine().see(facts);
  assert.deepEqual(
    machine.taken("read-resolvers").map((effect) => effect.name),
    ["eth2"],
  );
  const lease = {
    kind: "lease",
    program: "dhcpcd",
    address: addressFacts("192.0.2.2/24").address,
    servers: [],
    routers: [],
    expiresAt: undefined,
    file: "/l",
  } as const;
  const found = {
    networkManager: { kind: "unmanaged" },
    networkd: { kind: "absent" },
    lease: { ...lease, routers: [addressFacts("192.0.2.1/24").address], isAndroidMetered: false },
    resolvConf: { kind: "absent" },
  } as const;
  machine.take({ kind: "resolvers", at: now, facts: new Map([[2, found]]) }).answer();
  assert.deepEqual(
    machine.uplinks.map((uplink) => uplink.reason.code),
    ["no-route"],
  );
});

test("a lease of our own is a way out that no kernel has: the uplink is there with its gateway, and traffic does not go there by itself", () => {
  const facts = networkFacts([linkFacts()], { addresses: [addressFacts("192.0.2.2/24")] });
  const machine = new Machine().see(facts);
  const gateway = addressFacts("192.0.2.1/24").address;
  const lease = {
    kind: "lease",
    program: "udhcpc",
    address: addressFacts("192.0.2.2/24").address,
    servers: [],
    routers: [gateway],
    wayOut: { gateway },
    expiresAt: undefined,
    isAndroidMetered: false,
    file: "/l",
  } as const;
  const found = {
    networkManager: { kind: "unmanaged" },
    networkd: { kind: "absent" },
    lease,
    resolvConf: { kind: "absent" },
  } as const;
  machine.take({ kind: "resolvers", at: now, facts: new Map([[2, found]]) }).answer();
  const [uplink] = machine.uplinks;
  assert.deepEqual(
    [uplink?.ipv4.wayOut, uplink?.ipv4.gateway, uplink?.ipv4.metric, uplink?.ipv4.source],
    ["lease", "192.0.2.1", null, "192.0.2.2"],
  );
  assert.equal(machine.state.picture.decisions.ipv4.kernel, null);
  machine.see(networkFacts([linkFacts()], { addresses: [addressFacts("192.0.2.7/24")] }));
  assert.equal(machine.uplinks[0]?.ipv4.wayOut, null, "without its address a lease is not in force");
  const others = networkFacts([linkFacts()], { routes: [route(2)], addresses: [addressFacts("192.0.2.2/24")] });
  machine.see(others);
  assert.deepEqual([machine.uplinks[0]?.ipv4.wayOut, machine.uplinks[0]?.ipv4.metric], ["route", 2]);
});

test("resolvers are looked up again when the name or an address changes, and not otherwise", () => {
  const machine = new Machine();
  const asked = (link: LinkFacts, address: string) => {
    machine.see(networkFacts([link], { routes: [route(2)], addresses: [addressFacts(address)] }));
    return machine.taken("read-resolvers").length;
  };
  const link = linkFacts();
  const down = { ...link, hasCarrier: false };
  assert.deepEqual(
    [
      asked(link, "192.0.2.2/24"),
      asked(down, "192.0.2.2/24"),
      asked(link, "192.0.2.3/24"),
      asked({ ...link, name: "w" }, "192.0.2.3/24"),
    ],
    [1, 0, 1, 1],
  );
});

test("what is remembered comes back without a route, and what is not found is forgotten", () => {
  const machine = new Machine()
    .remember(remembered("pci-0000:02:00.0", 9, "eth2"), remembered("usb-1-1", 3, "usb0"))
    .see(networkFacts([linkFacts()]));
  assert.deepEqual(machine.ids, ["pci-0000:02:00.0"]);
  assert.equal(machine.state.uplinks.get(2)?.slot, 9);
  assert.deepEqual(
    machine
      .taken("save")
      .at(-1)
      ?.uplinks.map((uplink) => uplink.id),
    ["pci-0000:02:00.0"],
  );
});

test("a remembered uplink that was renamed meanwhile is found by its MAC address", () => {
  const was = { ...remembered("pci-0000:02:00.0", 9, "old0"), mac: linkFacts().permanentMac };
  assert.deepEqual(new Machine().remember(was).see(networkFacts([linkFacts()])).ids, ["pci-0000:02:00.0"]);
});

test("another device behind a remembered name is no uplink for that", () => {
  const machine = new Machine().remember(remembered("usb-1-1", 3, "eth2")).see(networkFacts([linkFacts()]));
  assert.deepEqual(machine.ids, []);
  assert.deepEqual(machine.state.remembered, []);
});

test("a memory that holds nonsense is taken for what it can be", () => {
  const machine = new Machine()
    .remember(
      remembered("pci-0000:02:00.0", 1, "eth2"),
      remembered("pci-0000:03:00.0", 1, "eth3"),
      remembered("x", 999, "eth4"),
    )
    .see(networkFacts([linkFacts(), linkFacts({ ifindex: 3 })], { routes: [route(3)] }));
  assert.deepEqual(
    [...machine.state.uplinks.values()].map(({ id, slot }) => [id, slot]),
    [
      ["pci-0000:02:00.0", 1],
      ["pci-0000:03:00.0", 2],
    ],
  );
});

test("the 256th uplink finds no slot, is counted, and comes when one is free", () => {
  const links = Array.from({ length: 256 }, (_, index) =>
    veth({
      ifindex: index + 2,
      mac: mac(
        `02:00:00:00:${(index >> 8).toString(16).padStart(2, "0")}:${(index & 255).toString(16).padStart(2, "0")}`,
      ),
    }),
  );
  const routes = links.map((link) => routeFacts({ ifindex: link.ifindex, metric: link.ifindex }));
  const machine = new Machine().see(networkFacts(links, { routes }));
  assert.deepEqual([machine.uplinks.length, machine.state.withoutSlot], [255, 1]);
  machine.see(networkFacts(links.slice(1), { routes }));
  assert.deepEqual([machine.uplinks.length, machine.state.withoutSlot], [255, 0]);
});

test("a tunnel's default route is not counted when it is told which uplink carries the packets", () => {
  const tunnel = linkFacts({ ifindex: 9, name: "tun0", virtualKind: "tun", hardwareType: 65534 });
  const halves = ["0.0.0.0/1", "128.0.0.0/1"].map((to) => routeFacts({ to, ifindex: 9 }));
  const machine = new Machine().see(networkFacts([linkFacts(), tunnel], { routes: [route(2), ...halves] }));
  assert.deepEqual(machine.ids, ["pci-0000:02:00.0"]);
  assert.equal(machine.state.picture.decisions.ipv4.kernel?.uplinkId, "pci-0000:02:00.0");
});

test("Linux goes on sending into a dead link: traffic is lost, nothing is active, and the link is watched for its return", () => {
  const links = [linkFacts({ hasCarrier: false }), linkFacts({ ifindex: 3 })];
  const machine = new Machine().see(networkFacts(links, { routes: [route(2), route(3)] }));
  const { decisions, connectivity } = machine.state.picture;
  assert.deepEqual(decisions.ipv4.kernel, {
    ...{ uplinkId: "pci-0000:02:00.0", name: "eth2" },
    ...{ isDeadEnd: true, isOurs: false, shares: [] },
  });
  assert.match(decisions.ipv4.reason, /the kernel goes on sending by eth2, which has no carrier/);
  assert.deepEqual(connectivity.active, {});
  assert.deepEqual([...machine.state.polledClosely], [2]);
});

test("a kernel that shares traffic is told of, with whom and by how much", () => {
  const hop = (ifindex: number, weight: number) => ({ ifindex, gateway: undefined, weight, isDead: false });
  const shared = routeFacts({ metric: 100, nextHops: [hop(2, 3), hop(3, 9)] });
  const machine = new Machine().see(networkFacts([linkFacts(), linkFacts({ ifindex: 3 })], { routes: [shared] }));
  const [light, heavy] = ["pci-0000:02:00.0", "pci-0000:03:00.0"];
  assert.deepEqual(machine.state.picture.decisions.ipv4.kernel, {
    ...{ uplinkId: heavy, name: "eth3", isDeadEnd: false, isOurs: false },
    shares: [
      { uplinkId: heavy, name: "eth3", weight: 9, percent: 75 },
      { uplinkId: light, name: "eth2", weight: 3, percent: 25 },
    ],
  });
  assert.deepEqual([...machine.state.polledClosely].toSorted(), [2, 3], "a carrier that goes is seen at once on each");
});

test("a kernel that is told to pass over dead routes uses the next one, on one interface or on all", () => {
  const links = [linkFacts({ hasCarrier: false }), linkFacts({ ifindex: 3 })];
  const off = { areSkippedEverywhere: false, skippedOn: new Set<number>() };
  for (const ipv4 of [
    { ...off, areSkippedEverywhere: true },
    { ...off, skippedOn: new Set([2]) },
  ]) {
    const facts = networkFacts(links, { routes: [route(2), route(3)], deadRoutes: { ipv4, ipv6: off } });
    const { decisions, connectivity } = new Machine().see(facts).state.picture;
    assert.deepEqual(decisions.ipv4.kernel, {
      uplinkId: "pci-0000:03:00.0",
      name: "eth3",
      isDeadEnd: false,
      isOurs: false,
      shares: [],
    });
    assert.equal(connectivity.active.ipv4, "pci-0000:03:00.0");
  }
});

test("what changed is named, the parts of a family by themselves", () => {
  const before = networkFacts([linkFacts()], { routes: [route(2)], addresses: [addressFacts("192.0.2.2/24")] });
  const machine = new Machine().see(before);
  machine.events();
  machine.see({ ...before, routes: [routeFacts({ metric: 2, via: "192.0.2.254" })] });
  const [event] = machine.events();
  assert.deepEqual(event?.kind === "uplink-changed" && event.changed, ["ipv4.gateway"]);
});

test("a device is never asked for that belongs to an interface of no interest", () => {
  let asked = 0;
  const counting = (link: LinkFacts) => {
    asked += 1;
    return deviceOf(link);
  };
  const links = Array.from({ length: 500 }, (_, index) => veth({ ifindex: index + 2 }));
  new Machine([], counting).see(networkFacts(links, { routes: [route(2)] }));
  assert.equal(asked, 1);
});
