import assert from "node:assert/strict";
import { test } from "node:test";
import type { PresentPeer } from "@ropewalk/host/wireguard/device";
import type { WireGuardPublicKey } from "@ropewalk/host/wireguard/public-key";
import { ipAddress, parsePrefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { bytes, millis } from "@ropewalk/kernel/units";
import { isSamePeer } from "@ropewalk/vpn/node/pure/held";
import type { Lease } from "@ropewalk/vpn/node/pure/lease-elements";
import { isInPools } from "@ropewalk/vpn/node/pure/pool-member";
import { strangersAmong, wantedPeer } from "@ropewalk/vpn/node/pure/wanted-peer";

const lease = (address: string, endsAt: number): Lease => ({
  ...{ tunnel: "wg0", address: ipAddress(address), endsAt: millis(endsAt) },
});
const both = [lease("10.90.0.2", 900), lease("fd90::2", 800)];

const prefixes = (...texts: readonly string[]) => texts.map((text) => parsePrefix(text) ?? assert.fail(text));

function peer(presharedKey: SecretBytes | undefined, ...allowed: readonly string[]): PresentPeer {
  return {
    ...{ publicKey: "ada" as WireGuardPublicKey, presharedKey, allowedPrefixes: prefixes(...allowed) },
    ...{ keepalive: undefined, endpoint: undefined, lastHandshake: undefined, received: bytes(0), sent: bytes(0) },
  };
}

test("whoever is carried has his addresses and no others on the device", () => {
  const { allowedPrefixes } = wantedPeer({ publicKey: "ada", addresses: ["10.90.0.2", "fd90::2"] });
  assert.deepEqual(allowedPrefixes, prefixes("10.90.0.2/32", "fd90::2/128"));
});

test("a peer that the kernel lets through is a stranger until the first of its leases ends", () => {
  assert.deepEqual(strangersAmong([peer(undefined, "10.90.0.2/32", "fd90::2/128")], both), [
    { peer: { publicKey: "ada", addresses: ["10.90.0.2", "fd90::2"] }, endsAt: 800 },
  ]);
});

test("a peer with an address that the kernel does not let through, with a network, or with none is no stranger", () => {
  for (const allowed of [["10.90.0.3/32"], ["10.90.0.2/32", "10.90.0.3/32"], ["10.90.0.2/32", "10.91.0.0/24"], []])
    assert.deepEqual(strangersAmong([peer(undefined, ...allowed)], both), []);
});

test("a stranger keeps its preshared key, by which it is known again", () => {
  const key = (octet: number) => new SecretBytes(new Uint8Array(32).fill(octet));
  const [found] = strangersAmong([peer(key(1), "10.90.0.2/32")], both);
  const ordered = { publicKey: "ada", addresses: ["10.90.0.2"] };
  assert.ok(found !== undefined && isSamePeer(found.peer, { ...ordered, presharedKey: key(1) }));
  assert.ok(!isSamePeer(found.peer, { ...ordered, presharedKey: key(2) }));
  assert.ok(!isSamePeer(found.peer, ordered));
});

test("an address of a pool may be a peer's, unless it is the node's own", () => {
  const pools = { pools: prefixes("10.90.0.0/24", "fd90::/64"), ownAddresses: [ipAddress("10.90.0.1")] };
  const asked = ["10.90.0.2", "fd90::2", "10.90.0.1", "10.90.1.2", "fd91::2", "nowhere"];
  assert.deepEqual(
    asked.filter((address) => isInPools(pools, address)),
    ["10.90.0.2", "fd90::2"],
  );
});
