/** Which addresses new flows must not begin with, as uplinks die and come back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SlottedUplink } from "@ropewalk/backhaul/pure/connectivity";
import { deprecatedAddresses } from "@ropewalk/backhaul/pure/steering/deprecated-addresses";
import type { UplinkReasonCode } from "@ropewalk/backhaul/status";
import type { AddressFacts } from "@ropewalk/host/facts";
import { addressFacts } from "../facts-fixture.ts";
import { deciding, uplink } from "./uplink-fixture.ts";

const own = (slot: number, more: Partial<AddressFacts> = {}) =>
  addressFacts(`2001:db8:${slot}::2/64`, { ifindex: 10 + slot, ...more });
const both = [own(1), own(2)];
const ipv6 = (slot: number, code: UplinkReasonCode): SlottedUplink => uplink(slot, "healthy", code);

function unwanted(uplinks: readonly SlottedUplink[], chosen: number | undefined, addresses = both): readonly string[] {
  return deprecatedAddresses(uplinks, deciding(1, chosen), addresses).map(
    ({ ifindex, address }) => `${ifindex} ${address}`,
  );
}

test("the addresses of a dead way are unwanted while another lives, and wanted again when it lives", () => {
  assert.deepEqual(unwanted([ipv6(1, "healthy"), ipv6(2, "healthy")], 1), []);
  for (const code of ["silent", "beyond-gateway", "http-intercepted", "no-carrier"] as const) {
    assert.deepEqual(unwanted([ipv6(1, code), ipv6(2, "healthy")], 2), ["11 2001:db8:1::2"], code);
  }
  for (const code of ["loss", "starting", "tcp-blocked"] as const) {
    assert.deepEqual(unwanted([ipv6(1, code), ipv6(2, "healthy")], 2), [], code);
  }
});

test("with nowhere else to go all of them stay as they are", () => {
  assert.deepEqual(unwanted([ipv6(1, "silent")], 1), []);
  assert.deepEqual(unwanted([ipv6(1, "silent"), ipv6(2, "silent")], 2), []);
  assert.deepEqual(
    unwanted([ipv6(1, "silent"), ipv6(2, "healthy")], undefined),
    [],
    "nobody decided for the other yet",
  );
});

test("IPv4 that dies is no matter of IPv6", () => {
  assert.deepEqual(unwanted([uplink(1, "silent", "healthy"), ipv6(2, "healthy")], 2), []);
});

test("only what a flow to the internet could begin with counts", () => {
  const addresses = [
    own(1),
    addressFacts("10.0.1.2/24", { ifindex: 11 }),
    addressFacts("fe80::2/64", { ifindex: 11, scope: "link" }),
    addressFacts("2001:db8:1::77/64", { ifindex: 11, isSecondary: true }),
    addressFacts("2001:db8:1::78/64", { ifindex: 11, isTentative: true }),
    addressFacts("fd00::2/64", { ifindex: 11 }),
    addressFacts("2001:db8:1:1::1/64", { ifindex: 99 }),
  ];
  const uplinks = [ipv6(1, "silent"), ipv6(2, "healthy")];
  assert.deepEqual(unwanted(uplinks, 2, addresses), ["11 2001:db8:1::2"]);
  const translated = addresses.filter(({ address }) => address !== "2001:db8:1::2");
  assert.deepEqual(unwanted(uplinks, 2, translated), ["11 fd00::2"], "behind a router that translates");
});

test("an address that a living way has as well is nobody's to deprecate", () => {
  const shared = [own(1), addressFacts("2001:db8:2::2/64", { ifindex: 11 }), own(2)];
  assert.deepEqual(unwanted([ipv6(1, "silent"), ipv6(2, "healthy")], 2, shared), ["11 2001:db8:1::2"]);
});

test("what is deprecated stays so while its way cannot be told to live", () => {
  const deprecated = [own(1, { isDeprecated: true }), own(2)];
  for (const code of ["starting", "no-route", "silent"] as const) {
    assert.deepEqual(unwanted([ipv6(1, code), ipv6(2, "healthy")], 2, deprecated), ["11 2001:db8:1::2"], code);
  }
  for (const code of ["healthy", "loss"] as const) {
    assert.deepEqual(unwanted([ipv6(1, code), ipv6(2, "healthy")], 2, deprecated), [], code);
  }
});

test("an uplink without an IPv6 route never was a way, and keeps its addresses", () => {
  assert.deepEqual(unwanted([ipv6(1, "no-route"), ipv6(2, "healthy")], 2), []);
});
