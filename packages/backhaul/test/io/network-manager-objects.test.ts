import assert from "node:assert/strict";
import { test } from "node:test";
import {
  networkManagerFacts,
  readManagedObjects,
  withInterfaces,
  withoutInterfaces,
} from "@ropewalk/backhaul/io/network-manager-objects";
import fc from "fast-check";

const device = "org.freedesktop.NetworkManager.Device";
const ip4Config = "org.freedesktop.NetworkManager.IP4Config";
const ip6Config = "org.freedesktop.NetworkManager.IP6Config";
const wan0 = { ifindex: 2, name: "wan0" };

/** The values that NetworkManager 1.42.4 gave for a link with DHCP from a phone and router advertisements. */
const reply = {
  "/org/freedesktop/NetworkManager/Devices/2": {
    [device]: {
      Interface: "wan0",
      IpInterface: "wan0",
      Managed: true,
      Metered: 3,
      Ip4Config: "/org/freedesktop/NetworkManager/IP4Config/2",
      Ip6Config: "/org/freedesktop/NetworkManager/IP6Config/2",
    },
    "org.freedesktop.NetworkManager.Device.Statistics": { RxBytes: 1n },
  },
  "/org/freedesktop/NetworkManager/IP4Config/2": {
    [ip4Config]: {
      NameserverData: [{ address: "192.0.2.53" }, { address: "198.51.100.53" }],
      Nameservers: [889323712],
    },
  },
  "/org/freedesktop/NetworkManager/IP6Config/2": {
    [ip6Config]: {
      Nameservers: [Uint8Array.from([0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53])],
    },
  },
};
const devicePath = "/org/freedesktop/NetworkManager/Devices/2";
const objects = readManagedObjects(reply);

test("a managed link has the servers of both families, and the guess about its cost", () => {
  assert.deepEqual(networkManagerFacts(objects, wan0), {
    kind: "managed",
    servers: ["192.0.2.53", "198.51.100.53", "2001:db8:1::53"],
    metered: true,
    isMeteredGuess: true,
  });
});

test("a link that NetworkManager does not know, or leaves alone, is unmanaged", () => {
  assert.deepEqual(networkManagerFacts(objects, { ifindex: 3, name: "wan1" }), { kind: "unmanaged" });
  const left = withInterfaces(objects, devicePath, { [device]: { Managed: false } });
  assert.deepEqual(networkManagerFacts(left, wan0), { kind: "unmanaged" });
});

for (const [code, metered, isMeteredGuess] of [
  [0, undefined, false],
  [1, true, false],
  [2, false, false],
  [3, true, true],
  [4, false, true],
  [99, undefined, false],
] as const) {
  test(`Metered ${code} is ${metered}, ${isMeteredGuess ? "a guess" : "no guess"}`, () => {
    const facts = networkManagerFacts(withInterfaces(objects, devicePath, { [device]: { Metered: code } }), wan0);
    assert.ok(facts.kind === "managed");
    assert.deepEqual([facts.metered, facts.isMeteredGuess], [metered, isMeteredGuess]);
  });
}

test("a modem is found by the interface that carries its IP", () => {
  const modem = { [device]: { Interface: "cdc-wdm0", IpInterface: "wwan0", Managed: true, Metered: 1 } };
  const withModem = withInterfaces(objects, "/org/freedesktop/NetworkManager/Devices/3", modem);
  const facts = networkManagerFacts(withModem, { ifindex: 9, name: "wwan0" });
  assert.equal(facts.kind === "managed" && facts.metered, true);
  assert.equal(networkManagerFacts(withModem, { ifindex: 9, name: "cdc-wdm0" }).kind, "unmanaged");
});

test("a change keeps what it does not name, and a removal takes the rest away", () => {
  const changed = withInterfaces(objects, "/org/freedesktop/NetworkManager/IP4Config/2", {
    [ip4Config]: { NameserverData: [{ address: "203.0.113.53" }] },
  });
  const facts = networkManagerFacts(changed, wan0);
  assert.deepEqual(facts.kind === "managed" && facts.servers, ["203.0.113.53", "2001:db8:1::53"]);
  const without6 = withoutInterfaces(changed, "/org/freedesktop/NetworkManager/IP6Config/2", [ip6Config]);
  const rest = networkManagerFacts(without6, wan0);
  assert.deepEqual(rest.kind === "managed" && rest.servers, ["203.0.113.53"]);
  assert.equal(networkManagerFacts(withoutInterfaces(without6, devicePath, [device]), wan0).kind, "unmanaged");
});

test("the objects before a change stay as they were", () => {
  const before = networkManagerFacts(objects, wan0);
  withInterfaces(objects, devicePath, { [device]: { Metered: 2 } });
  withoutInterfaces(objects, devicePath, [device]);
  assert.deepEqual(networkManagerFacts(objects, wan0), before);
});

test("a server that speaks only TLS is not a resolver", () => {
  const tls = withInterfaces(objects, "/org/freedesktop/NetworkManager/IP4Config/2", {
    [ip4Config]: { NameserverData: [{ address: "dns+tls://192.0.2.53" }, { address: "192.0.2.54" }] },
  });
  const facts = networkManagerFacts(tls, wan0);
  assert.deepEqual(facts.kind === "managed" && facts.servers[0], "192.0.2.54");
});

test("values of any other type count as absent", () => {
  const value = fc.anything({ withBigInt: true, withTypedArray: true });
  const properties = fc.record(
    { Interface: value, IpInterface: fc.constant("wan0"), Managed: value, Metered: value, Ip4Config: value },
    { requiredKeys: [] },
  );
  const interfaces = fc.record({ [device]: fc.oneof(value, properties), [ip4Config]: value, [ip6Config]: value });
  fc.assert(
    fc.property(fc.oneof(value, fc.dictionary(fc.string(), interfaces)), interfaces, value, (all, some, names) => {
      const read = readManagedObjects(all);
      networkManagerFacts(withoutInterfaces(withInterfaces(read, devicePath, some), devicePath, names), wan0);
    }),
    { numRuns: 2000 },
  );
});

test("no more objects are kept than any machine has", () => {
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`/d/${index}`, { [device]: {} }]));
  const kept = readManagedObjects(many);
  assert.equal(kept.devices.size, 8192);
  assert.equal(withInterfaces(kept, "/d/next", { [device]: {} }).devices.size, 8192);
});
