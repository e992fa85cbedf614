import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { test } from "node:test";
import {
  formatPrefix,
  ipAddress,
  ipAddressBytes,
  ipAddressFromBytes,
  isLinkLocal,
  macAddressFromBytes,
  networkOf,
  parseIpAddress,
  parsePrefix,
  prefixContains,
} from "@ropewalk/kernel/addresses";
import fc from "fast-check";

// RFC 5952 §1 and §4: each text on the left has exactly one canonical form.
const canonical: readonly (readonly [string, string])[] = [
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8::0:1", "2001:db8::1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1::"],
  ["2001:DB8::AAAA", "2001:db8::aaaa"],
  ["::FFFF:192.0.2.1", "::ffff:192.0.2.1"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["192.0.2.255", "192.0.2.255"],
];

for (const [text, expected] of canonical) {
  test(`${text} is written ${expected}`, () => assert.equal(parseIpAddress(text), expected));
}

for (const text of [
  "",
  "1.2.3",
  "1.2.3.256",
  "01.2.3.4",
  "1.2.3.4.5",
  ":::",
  "1::2::3",
  "12345::",
  "fe80::1%eth0",
  "1:2:3:4:5:6:7:8:9",
  "::1.2.3.4.5",
  "1.2.3.4::1",
]) {
  test(`"${text}" is no address`, () => assert.equal(parseIpAddress(text), undefined));
}

test("any sixteen octets survive the way to text and back, and node:net agrees that the text is IPv6", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
      const address = ipAddressFromBytes(octets);
      assert.ok(address !== undefined && isIPv6(address));
      assert.deepEqual(ipAddressBytes(address), octets);
      assert.equal(parseIpAddress(address), address);
    }),
  );
});

test("any four octets survive the way to text and back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (octets) => {
      const address = ipAddressFromBytes(octets);
      assert.ok(address !== undefined && isIPv4(address));
      assert.deepEqual(ipAddressBytes(address), octets);
    }),
  );
});

test("parsing takes any text without throwing and never accepts what node:net refuses", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4()), (text) => {
      const parsed = parseIpAddress(text);
      if (parsed !== undefined) assert.ok(isIPv4(text) || isIPv6(text), text);
    }),
  );
});

test("a network is its prefix with the host bits cleared", () => {
  assert.equal(formatPrefix(networkOf({ address: ipAddress("192.0.2.77"), length: 26 })), "192.0.2.64/26");
  assert.equal(formatPrefix(networkOf({ address: ipAddress("2001:db8:ffff::1"), length: 33 })), "2001:db8:8000::/33");
  assert.equal(formatPrefix(networkOf({ address: ipAddress("203.0.113.9"), length: 0 })), "0.0.0.0/0");
});

test("a prefix contains its own addresses and none of the other family", () => {
  const prefix = { address: ipAddress("192.0.2.0"), length: 24 };
  assert.ok(prefixContains(prefix, ipAddress("192.0.2.200")));
  assert.ok(!prefixContains(prefix, ipAddress("192.0.3.1")));
  assert.ok(!prefixContains({ address: ipAddress("::"), length: 0 }, ipAddress("192.0.2.1")));
});

test("a prefix longer than its family is refused", () => {
  assert.equal(parsePrefix("192.0.2.0/33"), undefined);
  assert.equal(parsePrefix("2001:db8::/129"), undefined);
  assert.deepEqual(parsePrefix("2001:db8::/128"), { address: "2001:db8::", length: 128 });
});

test("link-local is fe80::/10 and 169.254.0.0/16, and nothing beside", () => {
  for (const address of ["fe80::1", "febf::1", "169.254.9.9"]) assert.ok(isLinkLocal(ipAddress(address)), address);
  for (const address of ["fec0::1", "fe8::1", "169.255.0.1", "192.0.2.1"])
    assert.ok(!isLinkLocal(ipAddress(address)), address);
});

test("an all-zero link-layer address is none", () => {
  assert.equal(macAddressFromBytes(new Uint8Array(6)), undefined);
  assert.equal(macAddressFromBytes(Uint8Array.of(2, 0, 0, 0, 0, 0xab)), "02:00:00:00:00:ab");
});
