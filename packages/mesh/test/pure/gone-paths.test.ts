/** Links end with the address or the path that they go by, and not because something else of the machine has changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { PathBinding, UplinkId } from "@ropewalk/kernel/connectivity";
import { bytes } from "@ropewalk/kernel/units";
import { isPathGone, isSamePaths, plainAddress } from "@ropewalk/mesh/pure/gone-paths";

const wan: PathBinding = {
  ...{ uplinkId: "wan" as UplinkId, name: "wan0", ifindex: 3, family: "ipv4", source: ipAddress("192.0.2.7") },
  ...{ gateway: ipAddress("192.0.2.1"), mark: 7, mtu: bytes(1500), metered: false, state: "up", score: 10 },
};
const addresses = new Set(["192.0.2.7", "fe80::1"]);

test("a link from an address that the machine has stands, however the socket writes it", () => {
  for (const local of ["192.0.2.7", "::ffff:192.0.2.7", "fe80::1%eth0"])
    assert.equal(isPathGone({ local }, addresses, []), false, local);
  assert.equal(plainAddress("nobody knows"), "nobody knows");
});

test("a link from an address that the machine has no more is gone", () => {
  assert.equal(isPathGone({ local: "192.0.2.8" }, addresses, [wan]), true);
});

test("a link that is bound to a path is gone with the path, and one beside it on the same address is not", () => {
  const bound = { local: "192.0.2.7", binding: wan };
  assert.equal(isPathGone(bound, addresses, [{ ...wan, score: 90, state: "degraded" }]), false);
  assert.equal(isPathGone(bound, addresses, []), true);
  assert.equal(isPathGone({ local: "192.0.2.7" }, addresses, []), false);
});

test("paths are others by interface, source, gateway and number, and not by what was measured", () => {
  assert.equal(isSamePaths([wan], [{ ...wan, score: 1, state: "probing" }]), true);
  assert.equal(isSamePaths([wan], []), false);
  for (const other of [{ ifindex: 4 }, { source: ipAddress("192.0.2.9") }, { gateway: null }])
    assert.equal(isSamePaths([wan], [{ ...wan, ...other }]), false);
});
