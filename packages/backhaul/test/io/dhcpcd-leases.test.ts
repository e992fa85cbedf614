import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { test } from "node:test";
import { decodeDhcpcdLease, decodeDhcpcdLease6 } from "@ropewalk/backhaul/io/dhcpcd-leases";
import { fixtureBytes } from "./fixture.ts";

const writtenAt = Date.UTC(2026, 10, 20, 12, 34, 15);
const halfADay = 43_200_000;

test("a DHCPv4 lease begins when its file was written", () => {
  assert.deepEqual(decodeDhcpcdLease(fixtureBytes("dhcpcd-9.4.1/wan0.lease"), writtenAt), {
    family: "ipv4",
    address: "192.0.2.91",
    servers: ["192.0.2.53", "198.51.100.53"],
    routers: ["192.0.2.1"],
    obtainedAt: writtenAt,
    expiresAt: writtenAt + halfADay,
    isAndroidMetered: true,
  });
});

test("a DHCPv6 lease has the servers of the reply and the lifetime of its address", () => {
  assert.deepEqual(decodeDhcpcdLease6(fixtureBytes("dhcpcd-9.4.1/wan0.lease6"), writtenAt), {
    family: "ipv6",
    address: undefined,
    servers: ["2001:db8:1::53"],
    routers: [],
    obtainedAt: writtenAt,
    expiresAt: writtenAt + halfADay,
    isAndroidMetered: false,
  });
});

test("a lease of 0xffffffff seconds has no end", () => {
  const bytes = fixtureBytes("dhcpcd-9.4.1/wan0.lease");
  const leaseTime = Buffer.from(bytes).indexOf(Uint8Array.of(51, 4));
  bytes.fill(0xff, leaseTime + 2, leaseTime + 6);
  assert.equal(decodeDhcpcdLease(bytes, writtenAt)?.expiresAt, undefined);
});

test("a message cut at any octet gives fewer facts or none, never a throw", () => {
  const whole = fixtureBytes("dhcpcd-9.4.1/wan0.lease");
  for (let length = 0; length < whole.length; length += 1) {
    const lease = decodeDhcpcdLease(whole.subarray(0, length), writtenAt);
    assert.equal(lease === undefined, length < 240, `${length} octets`);
  }
  const whole6 = fixtureBytes("dhcpcd-9.4.1/wan0.lease6");
  for (let length = 0; length < whole6.length; length += 1) {
    const lease = decodeDhcpcdLease6(whole6.subarray(0, length), writtenAt);
    assert.deepEqual(lease?.servers ?? [], [], `${length} octets`);
  }
});

test("an option in a thousand parts is one option, and is put together once", () => {
  const whole = fixtureBytes("dhcpcd-9.4.1/wan0.lease");
  const part = Uint8Array.of(6, 4, 192, 0, 2, 1);
  const many = new Uint8Array(240 + part.length * 40_000);
  many.set(whole.subarray(0, 240));
  for (let at = 240; at < many.length; at += part.length) many.set(part, at);
  const began = cpuUsage();
  assert.deepEqual(decodeDhcpcdLease(many, writtenAt)?.servers, ["192.0.2.1"]);
  assert.ok(cpuUsage(began).user < 1_000_000, "the time grows with the square of the parts");
});
