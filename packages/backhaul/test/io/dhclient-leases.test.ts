import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDhclientLeases } from "@ropewalk/backhaul/io/dhclient-leases";
import { fixtureText } from "./fixture.ts";

const wan0 = { ifindex: 2, name: "wan0" };
const wan1 = { ifindex: 3, name: "wan1" };

test("a lease has servers, routers, its beginning and its end in UTC", () => {
  assert.deepEqual(parseDhclientLeases(fixtureText("dhclient-4.4.3/dhclient.wan0.leases"), wan0), [
    {
      family: "ipv4",
      address: "192.0.2.53",
      servers: ["192.0.2.53", "198.51.100.53"],
      routers: ["192.0.2.1"],
      obtainedAt: Date.UTC(2026, 10, 20, 12, 34, 2),
      expiresAt: Date.UTC(2026, 10, 21, 0, 34, 2),
      isAndroidMetered: false,
    },
  ]);
});

test("the mark of an Android phone is found in option 43, as text or as octets", () => {
  const text = fixtureText("dhclient-4.4.3/dhclient.leases");
  assert.equal(parseDhclientLeases(text, wan0)[0]?.isAndroidMetered, true);
  const octets = text.replace('"ANDROID_METERED"', "41:4e:44:52:4f:49:44:5f:4d:45:54:45:52:45:44");
  assert.equal(parseDhclientLeases(octets, wan0)[0]?.isAndroidMetered, true);
});

test("each interface has its own lease, and one without end has no end", () => {
  const text = fixtureText("dhclient-4.4.3/two-links.leases");
  assert.equal(parseDhclientLeases(text, wan0)[0]?.expiresAt, 1_795_221_696_000);
  const [endless] = parseDhclientLeases(text, wan1);
  assert.deepEqual(endless?.routers, ["198.51.100.1"]);
  assert.equal(endless?.expiresAt, undefined);
  assert.deepEqual(parseDhclientLeases(text, { ifindex: 4, name: "wan2" }), []);
});

test("of several leases for one interface the last is the current one", () => {
  const older = fixtureText("dhclient-4.4.3/dhclient.wan0.leases").replace("192.0.2.53,198.51.100.53", "203.0.113.1");
  const newer = fixtureText("dhclient-4.4.3/dhclient.leases");
  assert.deepEqual(parseDhclientLeases(older + newer, wan0)[0]?.servers, ["192.0.2.53", "198.51.100.53"]);
  assert.deepEqual(parseDhclientLeases(newer + older, wan0)[0]?.servers, ["203.0.113.1"]);
});

test("a lease that is still being written does not hide the one before it", () => {
  const whole = fixtureText("dhclient-4.4.3/dhclient.wan0.leases");
  const half = whole.slice(0, whole.indexOf("domain-name-servers"));
  assert.deepEqual(parseDhclientLeases(whole + half, wan0)[0]?.servers, ["192.0.2.53", "198.51.100.53"]);
});

test("a DHCPv6 lease is good as long as its longest-lived address", () => {
  assert.deepEqual(parseDhclientLeases(fixtureText("dhclient-4.4.3/dhclient6.wan0.leases"), wan0), [
    {
      family: "ipv6",
      address: undefined,
      servers: ["2001:db8:1::53"],
      routers: [],
      obtainedAt: 1_795_178_496_000,
      expiresAt: 1_795_178_496_000 + 7_500_000,
      isAndroidMetered: false,
    },
  ]);
});

test("braces without end are read in time proportional to their number", () => {
  assert.deepEqual(parseDhclientLeases("lease {".repeat(50_000), wan0), []);
  assert.deepEqual(parseDhclientLeases("}".repeat(50_000), wan0), []);
});
