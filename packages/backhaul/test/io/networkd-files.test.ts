import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetworkdLease, parseNetworkdLink } from "@ropewalk/backhaul/io/networkd-files";
import { fixtureText } from "./fixture.ts";

const wan0 = { ifindex: 2, name: "wan0" };
const wan1 = { ifindex: 3, name: "wan1" };
const idle0 = { ifindex: 4, name: "idle0" };

test("a link with DHCP has the servers of its leases and router advertisements, each once", () => {
  assert.deepEqual(parseNetworkdLink(fixtureText("networkd-252/links/2"), wan0), {
    isManaged: true,
    networkFile: "/etc/systemd/network/10-wan0.network",
    servers: ["192.0.2.53", "198.51.100.53", "2001:db8:1::53"],
  });
});

test("a static link has the servers of its .network file", () => {
  const { servers } = parseNetworkdLink(fixtureText("networkd-252/links/3"), wan1);
  assert.deepEqual(servers, ["203.0.113.53", "203.0.113.54", "2001:db8::53", "fe80::1"]);
});

test("a link without a .network file is not managed", () => {
  assert.deepEqual(parseNetworkdLink(fixtureText("networkd-252/links/4"), idle0), {
    isManaged: false,
    networkFile: undefined,
    servers: [],
  });
});

test("a lease tells its routers, and that a phone gave it", () => {
  const text = fixtureText("networkd-252/leases/2");
  assert.deepEqual(parseNetworkdLease(text, wan0), { routers: ["192.0.2.1"], isAndroidMetered: true });
  const plain = text.replace(/^VENDOR_SPECIFIC=.*$/m, "");
  assert.equal(parseNetworkdLease(plain, wan0).isAndroidMetered, false);
});

test("a file in another format, or none at all, says nothing", () => {
  assert.deepEqual(parseNetworkdLease('{"Address":{"String":"192.0.2.98"}}', wan0), {
    routers: [],
    isAndroidMetered: false,
  });
  assert.deepEqual(parseNetworkdLease("", wan0), { routers: [], isAndroidMetered: false });
});
