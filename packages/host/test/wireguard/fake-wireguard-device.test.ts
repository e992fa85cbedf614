/** The fake keeps the contract of the real devices, and tells tests what was written. */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { test } from "node:test";
import { FakeWireGuardDevice } from "@ropewalk/host/fake/fake-wireguard-device";
import type { PeerChange } from "@ropewalk/host/wireguard/device";
import { type WireGuardPublicKey, wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { ipAddress } from "@ropewalk/kernel/addresses";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { peer, publicKey, secret } from "./peers.ts";
import { wireGuardDeviceContract } from "./wireguard-device.contract.ts";

function publicKeyOf(privateKey: SecretBytes): WireGuardPublicKey {
  const key = createPrivateKey({ key: privateKey.reveal(), format: "raw-private", asymmetricKeyType: "x25519" });
  return wireGuardPublicKeyFromBytes(createPublicKey(key).export({ format: "raw-public" }));
}

wireGuardDeviceContract(async () => {
  const device = new FakeWireGuardDevice("wg0", publicKeyOf);
  return { device, kill: async () => device.end(), [Symbol.asyncDispose]: async () => {} };
});

test("what was written, and where a peer was heard from, is told", async () => {
  const device = new FakeWireGuardDevice("wg0", publicKeyOf);
  const changes: readonly PeerChange[] = [
    { kind: "add", peer: peer(1) },
    { kind: "remove", publicKey: publicKey(2) },
  ];
  await device.change(changes);
  assert.deepEqual(device.written, changes);
  const endpoint = { address: ipAddress("192.0.2.1"), port: 7 };
  device.hear(publicKey(1), endpoint, 1_000);
  const heard = (await device.read()).peers.get(publicKey(1));
  assert.deepEqual([heard?.endpoint, heard?.lastHandshake], [endpoint, 1_000]);
});

test("who erases a key that he gave leaves the device's as it is", async () => {
  const device = new FakeWireGuardDevice("wg0", publicKeyOf);
  const presharedKey = secret(3);
  await device.change([{ kind: "add", peer: peer(1, { presharedKey }) }]);
  presharedKey.erase();
  assert.equal((await device.read()).peers.get(publicKey(1))?.presharedKey?.reveal()[3], 3);
});
