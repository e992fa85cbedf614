import assert from "node:assert/strict";
import { test } from "node:test";
import { ipAddress } from "@ropewalk/kernel/addresses";
import { PeerAddresses } from "../../src/linux/peer-addresses.ts";
import { encodeSocketAddress } from "../../src/linux/socket-address.ts";

const peers = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "fe80::1", "::ffff:192.0.2.1"].map(ipAddress);
const socketAddress = (text: string) => encodeSocketAddress({ address: ipAddress(text), port: 0 });

test("a known peer and a stranger are both told by their address", () => {
  const known = new PeerAddresses();
  for (const peer of peers) assert.deepEqual(known.encode(peer), socketAddress(peer));
  for (const text of [...peers, "192.0.2.3", "2001:db8::2"]) assert.equal(known.decode(socketAddress(text)), text);
});

test("port, flow and scope, which the kernel fills in, make no other peer", () => {
  const known = new PeerAddresses();
  known.encode(ipAddress("fe80::1"));
  const scoped = socketAddress("fe80::1");
  scoped.fill(0xff, 2, 8);
  scoped.fill(0xff, 24);
  assert.equal(known.decode(scoped), "fe80::1");
});

test("what was encoded last stays right when more peers come than are kept", () => {
  const known = new PeerAddresses();
  for (let index = 0; index < 100; index += 1) {
    const address = ipAddress(`192.0.2.${index}`);
    assert.deepEqual(known.encode(address), socketAddress(address));
    assert.equal(known.decode(socketAddress(address)), address);
  }
  assert.equal(known.decode(socketAddress("192.0.2.0")), "192.0.2.0");
});

test("neither family is nobody", () => {
  assert.equal(new PeerAddresses().decode(new Uint8Array(28)), undefined);
});
