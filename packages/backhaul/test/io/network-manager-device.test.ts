import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNetworkManagerDevice } from "@ropewalk/backhaul/io/network-manager-device";
import { fixtureText } from "./fixture.ts";

const wan0 = { ifindex: 2, name: "wan0" };

test("the state of a device with DHCP holds the lease of the internal client", () => {
  assert.deepEqual(parseNetworkManagerDevice(fixtureText("network-manager-1.42.4/device"), wan0), {
    family: "ipv4",
    address: "192.0.2.80",
    servers: ["192.0.2.53", "198.51.100.53"],
    routers: ["192.0.2.1"],
    obtainedAt: 1_795_178_321_000,
    expiresAt: 1_795_221_521_000,
    isAndroidMetered: false,
  });
});

test("the state of a device without DHCP holds no lease", () => {
  const [device = ""] = fixtureText("network-manager-1.42.4/device").split("[dhcp4]");
  assert.equal(parseNetworkManagerDevice(device, wan0), undefined);
});

test("options count in their own section only", () => {
  assert.equal(parseNetworkManagerDevice("[device]\ndhcp4.domain_name_servers=192.0.2.53\n", wan0), undefined);
});
