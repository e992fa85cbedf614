/** In the virtual machine: the device of an exit where the kernel has WireGuard, made by it, kept, changed from one driver to the other, and refused. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { suite, test } from "node:test";
import { createKernelDevice, makeKernelDevice, removeKernelDevice } from "@ropewalk/host/linux/kernel-wireguard";
import { createNative } from "@ropewalk/host/linux/native";
import { isWireGuardGoThere } from "@ropewalk/host/linux/wireguard-go";
import { wireGuardPublicKeyOf } from "@ropewalk/host/wireguard/key-pair";
import { wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { parsePrefix } from "@ropewalk/kernel/addresses";
import { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { createLog } from "@ropewalk/ops/log";
import { bringUp } from "@ropewalk/vpn/node/bring-up";
import type { DriverWish } from "@ropewalk/vpn/node/pure/device-plan";
import { openTunnelRig } from "../../../../../packages/host/test/system/wireguard-world.ts";
import { chooseDevice, endExitDevice } from "../../../src/compose/core/exit-device.ts";

const native = createNative();
const clock = createSystemClock();
const log = createLog({ level: "error", format: "text", destination: process.stderr, clock });
const deps = { native, clock, log };
const key = new SecretBytes(new Uint8Array(randomBytes(32)));
const own = wireGuardPublicKeyOf(key);
const prefixes = (...texts: readonly string[]) => texts.map((text) => parsePrefix(text) ?? assert.fail(text));
const wanted = { listenPort: 51_820, addresses: prefixes("10.90.0.1/24", "fd90::1/64"), mtu: 1400 };
const peer = {
  publicKey: wireGuardPublicKeyFromBytes(randomBytes(32)),
  ...{ presharedKey: undefined, keepalive: undefined, allowedPrefixes: prefixes("10.90.0.2/32") },
};
const start = async (driver: DriverWish) => {
  const { driver: chosen, ...device } = await chooseDevice({ interface: "wg0", driver }, own, deps);
  return { chosen, device: device.device, ...(await bringUp(wanted, key, { native, ...device })) };
};

suite("the device of an exit", () => {
  test("auto makes a device of the kernel, and the next start keeps it with its peers", async () => {
    const { chosen, was, device } = await start("auto");
    assert.deepEqual([chosen, was], ["kernel", "started"]);
    await device.change([{ kind: "add", peer }]);
    const again = await start("auto");
    assert.deepEqual([again.chosen, again.was, again.written], ["kernel", "there", []]);
    assert.deepEqual([...(await again.device.read()).peers.keys()], [peer.publicKey]);
  });

  test("the operator's word changes the driver, both ways, and auto keeps what it finds", async () => {
    assert.deepEqual(
      [(await start("wireguard-go")).chosen, await isWireGuardGoThere("wg0", clock)],
      ["wireguard-go", true],
    );
    assert.equal((await start("auto")).chosen, "wireguard-go");
    const { chosen, was } = await start("kernel");
    assert.deepEqual([chosen, was, await isWireGuardGoThere("wg0", clock)], ["kernel", "started", false]);
  });

  test("a purge ends it, and only the exit's own", async () => {
    assert.equal(await endExitDevice("wg0", own, deps), true);
    assert.equal(await endExitDevice("wg0", own, deps), false);
    makeKernelDevice("wg0", native);
    await createKernelDevice("wg0", native).configure({ privateKey: new SecretBytes(new Uint8Array(randomBytes(32))) });
    await assert.rejects(start("auto"), { code: "HOST_WIREGUARD_START", message: /with another key than this exit's/ });
    await assert.rejects(endExitDevice("wg0", own, deps), { code: "HOST_WIREGUARD_START" });
    assert.match(execFileSync("ip", ["link", "show", "wg0"], { encoding: "utf8" }), /wg0/);
    removeKernelDevice("wg0", native);
  });

  test("what auto has made carries a tunnel", async () => {
    const choose = (name: string) => chooseDevice({ interface: name, driver: "auto" }, own, deps);
    await using rig = await openTunnelRig("ipv4", {
      start: async (name) => {
        const { driver, start: make } = await choose(name);
        assert.equal(driver, "kernel");
        await make();
      },
      drive: (name) => createKernelDevice(name, native),
      end: async (name) => removeKernelDevice(name, native),
    });
    const { exit, clients } = rig;
    const [client] = clients;
    const host = (address: string) => prefixes(`${address}/32`);
    const common = { presharedKey: undefined, keepalive: undefined };
    await exit.device.change([
      { kind: "add", peer: { ...common, publicKey: client.publicKey, allowedPrefixes: host(client.address) } },
    ]);
    const there = {
      ...common,
      publicKey: exit.publicKey,
      allowedPrefixes: host(exit.address),
      endpoint: client.exitAt,
    };
    await client.device.change([{ kind: "add", peer: there }]);
    assert.ok(await client.reaches(exit.address));
  });
});
