/** The device of an exit on the real kernel: made, taken over as it is, put right, and refused where something else has its place. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { afterEach, test } from "node:test";
import { createNative } from "@ropewalk/host/linux/native";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { endWireGuardGo, startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import { wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { parsePrefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { bringUp } from "@ropewalk/vpn/node/bring-up";
import { inOwnNamespace } from "../../in-own-namespace.ts";

const ip = (...words: readonly string[]) => execFileSync("ip", words, { encoding: "utf8" });
const prefixes = (...texts: readonly string[]) => texts.map((text) => parsePrefix(text) ?? assert.fail(text));

inOwnNamespace(import.meta.filename, () => {
  // Sockets of devices are this test's own.
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", "/run"]);
  const clock = createSystemClock();
  const native = createNative();
  const device = createUapiDevice("wg0", { clock });
  const wanted = { listenPort: 51_820, addresses: prefixes("10.90.0.1/24", "fd90::1/64"), mtu: 1400 };
  const deps = { native, device, start: () => startWireGuardGo("wg0", { clock }) };
  const key = new SecretBytes(new Uint8Array(randomBytes(32)));
  const peer = {
    publicKey: wireGuardPublicKeyFromBytes(randomBytes(32)),
    ...{ presharedKey: undefined, keepalive: undefined, allowedPrefixes: prefixes("10.90.0.2/32") },
  };

  afterEach(() => endWireGuardGo("wg0", { clock }));

  test("a device that is not there is made with all that it is to have", async () => {
    const { was, written, publicKey } = await bringUp(wanted, key, deps);
    assert.equal(was, "started");
    assert.deepEqual(written, ["key", "port 51820", "MTU 1400", "address 10.90.0.1/24", "address fd90::1/64", "up"]);
    assert.equal((await device.read()).publicKey, publicKey);
    assert.match(ip("link", "show", "wg0"), /mtu 1400/);
  });

  test("one that is there and right stays untouched, with its peers", async () => {
    const { publicKey } = await bringUp(wanted, key, deps);
    await device.change([{ kind: "add", peer }]);
    assert.deepEqual(await bringUp(wanted, key, deps), { publicKey, was: "there", written: [] });
    assert.deepEqual([...(await device.read()).peers.keys()], [peer.publicKey]);
  });

  test("of one that is not right what differs is written, and nothing else", async () => {
    await bringUp(wanted, key, deps);
    await device.change([{ kind: "add", peer }]);
    ip("address", "delete", "10.90.0.1/24", "dev", "wg0");
    ip("link", "set", "wg0", "down");
    const { written } = await bringUp({ ...wanted, listenPort: 51_821 }, key, deps);
    assert.ok(written.includes("port 51821") && written.includes("address 10.90.0.1/24") && written.includes("up"));
    assert.ok(!written.includes("key") && !written.includes("MTU 1400"));
    assert.equal((await device.read()).peers.size, 1);
  });

  test("another interface of its name, and a port that is taken, are told", async () => {
    ip("link", "add", "wg0", "type", "veth", "peer", "name", "other0");
    await assert.rejects(bringUp(wanted, key, deps), { code: "HOST_WIREGUARD_START", message: /could not make wg0/ });
    ip("link", "delete", "wg0");
    await startWireGuardGo("wg1", { clock });
    await createUapiDevice("wg1", { clock }).configure({ listenPort: wanted.listenPort });
    ip("link", "set", "wg1", "up");
    await assert.rejects(
      async () => {
        await bringUp(wanted, key, deps);
      },
      { code: "HOST_WIREGUARD_PORT_IN_USE" },
    );
    await endWireGuardGo("wg1", { clock });
  });
});
