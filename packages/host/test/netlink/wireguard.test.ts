/** WireGuard devices of the kernel as messages. Layouts: linux/wireguard.h; that a kernel takes them is shown in the virtual machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerChange } from "@ropewalk/host/wireguard/device";
import { formatPrefix, ipAddress } from "@ropewalk/kernel/addresses";
import { seconds } from "@ropewalk/kernel/units";
import { isMalformed } from "../../src/netlink/malformed.ts";
import { NestedWriter } from "../../src/netlink/nested-writer.ts";
import { decodeDevicePart, encodeDeviceSettings, encodePeerChanges } from "../../src/netlink/wireguard.ts";
import { devicePart } from "../wireguard/device-part.ts";
import { keyOctets, peer, prefixes, publicKey, secret } from "../wireguard/peers.ts";

test("a device is read with its peers, and what is zero is none", () => {
  const part = decodeDevicePart(devicePart());
  assert.ok(!isMalformed(part));
  const { peers, ...device } = part;
  assert.deepEqual(device, { publicKey: publicKey(71), listenPort: 51_820, fwmark: 0xffff_ffff });
  const [one, other] = peers.map(({ allowedPrefixes, presharedKey, ...rest }) => ({
    ...{ ...rest, prefixes: allowedPrefixes.map(formatPrefix), presharedKey: presharedKey?.reveal() },
  }));
  assert.deepEqual(one, {
    ...{ publicKey: publicKey(1), presharedKey: keyOctets(2), keepalive: seconds(25) },
    ...{ endpoint: { address: ipAddress("192.0.2.7"), port: 51_820 }, lastHandshake: 5_005, received: 9, sent: 256 },
    prefixes: ["10.0.0.1/32", "fd00::/64"],
  });
  assert.deepEqual(
    [other?.presharedKey, other?.keepalive, other?.lastHandshake, other?.prefixes],
    [...[undefined, undefined, undefined], []],
  );
});

test("a device whose message is cut anywhere is none, or one without what was cut off", () => {
  const whole = devicePart();
  for (let length = 0; length < whole.length; length += 1) {
    const part = decodeDevicePart(whole.subarray(0, length));
    assert.ok(isMalformed(part) || part.peers.length < 2, `${length} octets`);
  }
});

test("changes of peers are written as the header says, in their order", () => {
  using writer = new NestedWriter();
  const changes: readonly PeerChange[] = [
    { kind: "remove", publicKey: publicKey(1) },
    {
      ...{ kind: "update", publicKey: publicKey(2) },
      values: { prefixes: { kind: "add", prefixes: prefixes("10.0.0.1/32") }, keepalive: seconds(25) },
    },
  ];
  const request = encodePeerChanges({ family: 0x1c, name: "wg0", writer }, changes, 5);
  const flags = (value: string) => `08000300 ${value}000000`;
  const removed = `30000080 24000100 ${keyOctets(1).toHex()} ${flags("01")}`;
  const prefix = "1c000080 06000100 02000000 08000200 0a000001 05000300 20000000";
  const values = `${flags("04")} 06000500 19000000 20000980 ${prefix}`;
  const updated = `58000080 24000100 ${keyOctets(2).toHex()} ${values}`;
  const peers = `8c000880 ${removed} ${updated}`;
  const header = "a8000000 1c00 0500 05000000 00000000 01010000 08000200 77673000";
  assert.equal(request.toHex(), `${header} ${peers}`.replaceAll(" ", ""));
});

test("nothing of a key stays behind in what wrote it", () => {
  const writer = new NestedWriter();
  const target = { family: 0x1c, name: "wg0", writer };
  const request = encodeDeviceSettings(target, { privateKey: secret(9), listenPort: 1, fwmark: 2 }, 1);
  assert.ok(request.toHex().includes(keyOctets(9).toHex()));
  const { written } = writer;
  writer[Symbol.dispose]();
  assert.ok(written.every((octet) => octet === 0));
});

test("a peer that is added has everything, also what it has not got", () => {
  using writer = new NestedWriter();
  const added: PeerChange = { kind: "add", peer: peer(1, { presharedKey: undefined, allowedPrefixes: [] }) };
  const request = encodePeerChanges({ family: 0x1c, name: "wg0", writer }, [added], 1).toHex();
  assert.ok(request.includes(`0800030002000000 24000200 ${"00".repeat(32)} 0600050000000000`.replaceAll(" ", "")));
});
