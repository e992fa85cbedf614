/** What the kernel really sent, decoded. Expected values are those of the `ip` commands that caused the messages. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { capturedEvents } from "./captures.ts";

test("a link that is set up: enabled, with carrier, its peer below it", () => {
  const events = capturedEvents("ip link set va up");
  assert.deepEqual(events[1], {
    kind: "link",
    link: {
      ifindex: 3,
      name: "va",
      mac: "02:00:00:00:00:0a",
      permanentMac: undefined,
      mtu: 1500,
      hardwareType: 1,
      isEnabled: true,
      hasCarrier: true,
      isDormant: false,
      virtualKind: "veth",
      master: undefined,
      lower: 2,
    },
  });
});

test("a link enslaved to a bridge names its master, and the bridge's own message about the port is passed over", () => {
  const events = capturedEvents("ip link set vb master br0 mtu 1400");
  const links = events.flatMap((event) => (event !== undefined && event.kind === "link" ? event.link : []));
  assert.equal(links.findLast((link) => link.name === "vb")?.master, 4);
  assert.equal(links.findLast((link) => link.name === "vb")?.mtu, 1400);
  assert.equal(links.findLast((link) => link.name === "br0")?.virtualKind, "bridge");
  assert.equal(events.filter((event) => event === undefined).length, 1);
});

test("a port that leaves its bridge is not a link removed", () => {
  assert.deepEqual(capturedEvents("ip link set vb master br0; ip link set vb nomaster"), [undefined]);
});

test("both ends of a removed veth are told", () => {
  assert.deepEqual(capturedEvents("ip link del va"), [
    { kind: "link-removed", ifindex: 3 },
    { kind: "link-removed", ifindex: 2 },
  ]);
});

const address = {
  ifindex: 3,
  family: "ipv4",
  scope: "global",
  isTentative: false,
  isDeprecated: false,
  isSecondary: false,
};

test("an IPv4 address", () => {
  assert.deepEqual(capturedEvents("ip addr add 192.0.2.2/24 dev va")[0], {
    kind: "address",
    address: { facts: { ...address, address: "192.0.2.2", prefixLength: 24 }, peer: "192.0.2.2" },
  });
});

test("a point-to-point address is the near end, and goes as it came", () => {
  const observed = { facts: { ...address, address: "198.51.100.1", prefixLength: 32 }, peer: "198.51.100.2" };
  assert.deepEqual(capturedEvents("ip addr add 198.51.100.1 peer 198.51.100.2/32 dev va")[0], {
    kind: "address",
    address: observed,
  });
  assert.deepEqual(capturedEvents("ip addr del 198.51.100.1 peer 198.51.100.2/32 dev va")[0], {
    kind: "address-removed",
    address: observed,
  });
});

test("an IPv6 address is tentative until duplicate address detection ends", () => {
  const facts = { ...address, family: "ipv6", address: "2001:db8::2", prefixLength: 64, isTentative: true };
  assert.deepEqual(capturedEvents("ip addr add 2001:db8::2/64 dev va")[1], {
    kind: "address",
    address: { facts, peer: "2001:db8::2" },
  });
});

test("an IPv6 address without preferred lifetime is deprecated", () => {
  const events = capturedEvents("ip addr add 2001:db8:1::2/64 dev va nodad preferred_lft 0 valid_lft 100");
  const facts = { ...address, family: "ipv6", address: "2001:db8:1::2", prefixLength: 64, isDeprecated: true };
  assert.deepEqual(events[1], { kind: "address", address: { facts, peer: "2001:db8:1::2" } });
});

function servers(command: string) {
  return capturedEvents(command).map((event) => (event?.kind === "router-dns" ? event : undefined));
}

test("recursive DNS servers of a router advertisement, RFC 8106 §5.1", () => {
  assert.deepEqual(servers("router advertisement: RDNSS, lifetime 600, 2 servers")[1], {
    kind: "router-dns",
    ifindex: 3,
    servers: ["2001:db8::53", "fe80::53"],
    lifetime: 600_000,
  });
});

test("a lifetime of zero withdraws, all ones is infinity", () => {
  assert.equal(servers("router advertisement: RDNSS, lifetime 0, 1 servers")[1]?.lifetime, 0);
  assert.equal(servers("router advertisement: RDNSS, lifetime 4294967295, 1 servers")[1]?.lifetime, undefined);
});

test("settings of an interface or of all: a message tells of one, and of others says nothing", () => {
  const dead = { kind: "link-settings", ifindex: 3, skipsDeadRoutes: true, reversePathFilter: undefined };
  const filter = { kind: "link-settings", family: "ipv4", skipsDeadRoutes: undefined };
  const sysctl = (setting: string) => capturedEvents(`sysctl net.${setting}`);
  assert.deepEqual(sysctl("ipv4.conf.va.rp_filter=1"), [{ ...filter, ifindex: 3, reversePathFilter: 1 }]);
  assert.deepEqual(sysctl("ipv4.conf.all.rp_filter=2"), [{ ...filter, ifindex: "all", reversePathFilter: 2 }]);
  assert.deepEqual(sysctl("ipv4.conf.va.ignore_routes_with_linkdown=1"), [{ ...dead, family: "ipv4" }]);
  assert.deepEqual(sysctl("ipv6.conf.va.ignore_routes_with_linkdown=1"), [{ ...dead, family: "ipv6" }]);
  assert.deepEqual(sysctl("ipv4.conf.va.forwarding=1"), [undefined]);
});
