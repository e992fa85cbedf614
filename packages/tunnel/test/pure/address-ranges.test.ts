/** Which addresses are inner ones, in whichever form they come. */
import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import { type IpAddress, ipAddress, ipAddressBytes, ipAddressFromBytes } from "@ropewalk/kernel/addresses";
import { unmapped, unmappedNetwork } from "@ropewalk/kernel/mapped-addresses";
import { innerRangeOf } from "@ropewalk/tunnel/pure/address-ranges";
import fc from "fast-check";

const kindOf = (text: string) => innerRangeOf(ipAddress(text))?.kind;

test("every range is known by its first and its last address, and its neighbours are not in it", () => {
  const known: readonly (readonly [kind: string, ...addresses: readonly string[]])[] = [
    ["unspecified", "0.0.0.0", "0.255.255.255", "::"],
    ["loopback", "127.0.0.1", "127.255.255.255", "::1"],
    [
      "private",
      "10.0.0.0",
      "10.255.255.255",
      "172.16.0.0",
      "172.31.255.255",
      "192.168.0.0",
      "192.168.255.255",
      "fc00::",
      "fdff:ffff::1",
      "fec0::1",
      "64:ff9b:1::1",
    ],
    ["shared", "100.64.0.0", "100.127.255.255"],
    ["link-local", "169.254.0.1", "169.254.255.255", "fe80::1", "febf::1"],
    [
      "metadata",
      "169.254.169.254",
      "169.254.170.2",
      "100.100.100.200",
      "168.63.129.16",
      "fd00:ec2::254",
      "fd20:ce::254",
      "fe80::a9fe:a9fe",
    ],
    ["multicast", "224.0.0.1", "239.255.255.255", "ff02::1"],
    ["documentation", "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    [
      "reserved",
      "192.0.0.8",
      "198.18.0.1",
      "198.19.255.255",
      "240.0.0.1",
      "255.255.255.255",
      "2001::1",
      "::2",
      "::127.0.0.1",
      "::ffff:0:127.0.0.1",
      "100::1",
      "4000::1",
      "5f00::1",
      "e000::1",
    ],
  ];
  for (const [kind, ...addresses] of known)
    for (const address of addresses) assert.equal(kindOf(address), kind, address);
  const open = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:4860:4860::8888",
    "64:ff9b::1.1.1.1",
    "2002:101:101::1",
  ];
  for (const address of open) assert.equal(kindOf(address), undefined, address);
});

const octet = fc.integer({ min: 0, max: 255 });
const anyIpv4 = fc.oneof(
  fc.tuple(octet, octet, octet, octet),
  fc.constantFrom<[number, number, number, number]>(
    [127, 0, 0, 1],
    [10, 0, 0, 1],
    [169, 254, 169, 254],
    [192, 168, 1, 1],
    [0, 0, 0, 0],
    [224, 0, 0, 1],
  ),
);

test("an IPv4 address is of one kind in every spelling: itself, mapped, through NAT64 and through 6to4", () => {
  fc.assert(
    fc.property(anyIpv4, fc.uint8Array({ minLength: 10, maxLength: 10 }), ([a, b, c, d], rest) => {
      const itself = `${a}.${b}.${c}.${d}`;
      const hex = [a, b, c, d].map((part) => part.toString(16).padStart(2, "0")).join("");
      const kind = kindOf(itself);
      assert.equal(kindOf(`::ffff:${itself}`), kind);
      assert.equal(unmapped(ipAddress(`::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`)), itself);
      assert.equal(kindOf(`64:ff9b::${itself}`), kind);
      const sixToFour = ipAddressFromBytes(Uint8Array.of(0x20, 0x02, a, b, c, d, ...rest));
      assert.equal(innerRangeOf(sixToFour as IpAddress)?.kind, kind);
    }),
  );
});

test("an address lies in the range that is told of it, and no address has a range of the other family", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = unmapped(ipAddress(text));
      const range = innerRangeOf(address);
      if (range === undefined) return;
      const list = new BlockList();
      const family = address.includes(":") ? "ipv6" : "ipv4";
      list.addSubnet(range.prefix.address, range.prefix.length, family);
      assert(list.check(address, family), `${address} ${JSON.stringify(range)}`);
    }),
  );
});

test("outside of 2000::/3 only NAT64 leads to the public internet", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (octets) => {
      const address = unmapped(ipAddressFromBytes(octets) as IpAddress);
      fc.pre(address.includes(":") && (ipAddressBytes(address)[0] ?? 0) >> 5 !== 1 && !address.startsWith("64:ff9b::"));
      assert.notEqual(innerRangeOf(address), undefined, address);
    }),
  );
});

test("a network of mapped addresses is one of IPv4, unless it is wider than they are", () => {
  const network = (address: string, length: number) => unmappedNetwork({ address: ipAddress(address), length });
  assert.deepEqual(network("::ffff:10.0.0.0", 104), { address: "10.0.0.0", length: 8 });
  assert.deepEqual(network("::ffff:10.1.2.3", 128), { address: "10.1.2.3", length: 32 });
  assert.deepEqual(network("::ffff:0:0", 96), { address: "0.0.0.0", length: 0 });
  assert.deepEqual(network("::ffff:0:0", 90).length, 90);
  assert.deepEqual(network("10.1.2.3", 8), { address: "10.0.0.0", length: 8 });
});
