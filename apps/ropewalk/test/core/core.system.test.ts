/** The real program of an exit, from its first start to its purge: orders over gRPC become tunnels, which outlive the program. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hasKernelWireGuard } from "@ropewalk/host/linux/kernel-wireguard";
import { createNative } from "@ropewalk/host/linux/native";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { wireGuardPublicKeyFromBytes } from "@ropewalk/host/wireguard/public-key";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { inOwnNamespace } from "../in-own-namespace.ts";
import type { RunningProcess } from "../started-programs.ts";
import { CoreWorld, type Customer, httpPort } from "./core-world.ts";

/** Whether it is the process of the exit's device, not of the customer's. */
function isDeviceHere(pid: string): boolean {
  if (!/^\d+$/.test(pid)) return false;
  const isHere = readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync("/proc/self/ns/net");
  return isHere && /wireguard-go\0/.test(readFileSync(`/proc/${pid}/cmdline`, "latin1"));
}

inOwnNamespace(import.meta.filename, () => {
  let world: CoreWorld;
  let core: RunningProcess;
  let customer: Customer;
  const device = createUapiDevice("wg0", { clock: createSystemClock() });
  const within = { within: seconds(10) };

  before(async () => {
    world = await CoreWorld.open();
  });
  after(() => world[Symbol.asyncDispose]());

  async function ended(signal: NodeJS.Signals) {
    core.child.kill(signal);
    return core.ended;
  }

  test("the first start makes a key for root alone, the device and the firewall, and tells its status", async () => {
    core = await world.startCore();
    assert.equal(statSync(join(world.folder, "state/core/wireguard.key")).mode & 0o777, 0o600);
    const status = await world.json("core", "status");
    assert.equal(status.device.endpoint, "198.51.100.1:51820");
    assert.equal(status.device.driver, hasKernelWireGuard(createNative()) ? "kernel" : "wireguard-go");
    assert.deepEqual(status.pools, ["10.90.0.0/24", "fd90::/64"]);
    assert.equal(status.counts.capacity, 253);
    assert.equal(status.orders.wantsSnapshot, true);
    assert.equal(status.entry.address, null);
    assert.equal((await device.read()).publicKey, status.device.publicKey);
    assert.match(execFileSync("nft", ["list", "tables"], { encoding: "utf8" }), /table inet ropewalk-vpn/);
    assert.equal(readFileSync("/proc/sys/net/ipv4/ip_forward", "latin1").trim(), "1");
  });

  test("a second program on the same state does not start, and a purge while it runs is refused", async () => {
    const second = await world.run("core", "--config", "ropewalk.toml");
    assert.equal(second.code, 6, second.stderr);
    assert.equal((await world.run("core", "purge", "--config", "ropewalk.toml")).code, 6);
  });

  test("entry alone gives orders: another certificate of the CA is refused, with the reason", async () => {
    using other = world.clientOf("other");
    await assert.rejects(other.calls.status({}, within), {
      code: "OPS_CALL_REFUSED",
      message: /only entry may ask this of an exit/,
    });
  });

  test("a customer whom entry places is carried, over both families", async () => {
    customer = await world.createCustomer();
    const { answer } = await world.place(customer);
    assert.equal(answer.case, "placed");
    await world.until("an answer from outside", () => world.reaches());
    await world.until("an answer over IPv6", () => world.reaches("2001:db8:1::1"));
    const { peers } = await world.json("core", "peers");
    assert.equal(peers.length, 1);
    assert.equal(peers[0].placement, customer.placement);
    assert.deepEqual(peers[0].addresses, customer.addresses);
    assert.ok(peers[0].traffic.receivedBytes > 0);
  });

  test("an address outside the pools is refused", async () => {
    const stranger = {
      ...customer,
      placement: "0b1c1b7e-6a43-4d4e-9d4b-52a1a7c3d001",
      octets: [Uint8Array.of(10, 91, 0, 9)],
    };
    const { answer } = await world.place(stranger);
    assert.deepEqual(answer.case === "refused" && answer.value.why, "not-in-pool");
  });

  test("loopback HTTP tells how the exit is, and nothing of its peers", async () => {
    const at = (path: string, method = "GET") => fetch(`http://127.0.0.1:${httpPort}${path}`, { method });
    assert.equal((await at("/ready")).status, 200);
    assert.equal(((await (await at("/v1/core")).json()) as { counts: { peers: number } }).counts.peers, 1);
    assert.equal((await at("/v1/core/peers")).status, 403);
    assert.equal((await at("/v1/core/reconcile", "POST")).status, 403);
    assert.match(await (await at("/metrics")).text(), /^ropewalk_core_peers 1$/m);
  });

  test("a peer that somebody took off the device is put back, and one too many is taken off", async () => {
    const publicKey = wireGuardPublicKeyFromBytes(customer.publicKey);
    await device.change([{ kind: "remove", publicKey }]);
    const outcome = await world.json("core", "reconcile");
    assert.deepEqual([outcome.added, outcome.removed, outcome.updated], [1, 0, 0]);
    await world.shakeHandsAgain();
    await world.until("an answer from outside", () => world.reaches());
    const nothing = await world.run("core", "reconcile");
    assert.match(nothing.stdout, /^Compared in .*: nothing differed\.\n$/);
  });

  test("traffic goes on while the program is killed, and the next start knows whom it carries", async (context) => {
    const asking = world.keepAsking();
    await ended("SIGKILL");
    const begun = performance.now();
    core = await world.startCore();
    const took = performance.now() - begun;
    assert.equal((await world.json("core", "status")).counts.peers, 1);
    const { sent, received } = await asking.end();
    context.diagnostic(`from its start to its work again: ${Math.round(took)} ms; ${sent} asked, ${received} answered`);
    assert.ok(received > 0 && sent - received <= 1, `${sent} asked, ${received} answered`);
  });

  test("the certificates are read again at SIGHUP, and files that do not fit change nothing", async () => {
    const key = readFileSync(join(world.folder, "exit1.key"));
    writeFileSync(join(world.folder, "exit1.key"), readFileSync(join(world.folder, "other.key")));
    core.child.kill("SIGHUP");
    await core.until("a refusal", () => core.stderr.includes("what is in the files of control now is not used"));
    assert.equal((await world.status()).isHealthy, true);
    writeFileSync(join(world.folder, "exit1.key"), key);
    core.child.kill("SIGHUP");
    await core.until("their use", () => core.stderr.includes("were read again and are in use"));
  });

  test("at SIGHUP what can change without a cut does, what cannot is named, and a faulty file changes nothing", async () => {
    world.configure("capacity = 7\nmtu = 1380");
    core.child.kill("SIGHUP");
    await core.until("what waits", () => core.stderr.includes("these settings wait for a restart"));
    assert.match(core.stderr, /"keys":\["core\.mtu"\]/);
    const { counts, device: told } = await world.json("core", "status");
    assert.deepEqual([counts.capacity, told.mtu], [7, 1420]);
    world.configure('capacity = "many"');
    core.child.kill("SIGHUP");
    await core.until("a refusal", () => core.stderr.includes("configuration not accepted"));
    const { health, counts: after } = await world.json("core", "status");
    assert.deepEqual([health.state, after.capacity], ["degraded", 7]);
    world.configure();
    core.child.kill("SIGHUP");
    await world.until("what was before", async () => (await world.json("core", "status")).counts.capacity === 253);
  });

  test("a way out that changes is told to the device, and one that is gone is told to whoever asks", async () => {
    const ip = (...words: readonly string[]) => void execFileSync("ip", words);
    ip("address", "add", "203.0.113.3/24", "dev", "wan0");
    await core.until("the change", () => core.stderr.includes("the way out has changed, and the device knows"));
    ip("-6", "route", "delete", "default");
    const egress = async () => (await world.json("core", "status")).health;
    await world.until("the lack", async () => (await egress()).state === "degraded");
    ip("-6", "route", "add", "default", "via", "2001:db8:1::1");
    await world.until("health", async () => !/IPv6/.test(JSON.stringify(await egress())));
    assert.equal(world.reaches(), true);
  });

  test("a device that is killed is made anew with its key, its addresses and its peers", async () => {
    const { publicKey } = await device.read();
    const [pid] = readdirSync("/proc").filter((entry) => isDeviceHere(entry));
    process.kill(Number(pid), "SIGKILL");
    await core.until("another device", () => core.stderr.includes("the device was gone, and is there again"));
    const state = await device.read();
    assert.equal(state.publicKey, publicKey);
    assert.equal(state.peers.size, 1);
    await world.shakeHandsAgain();
    await world.until("an answer from outside", () => world.reaches());
    await world.until("an answer over IPv6", () => world.reaches("2001:db8:1::1"));
  });

  test("whom entry removes is carried no more", async () => {
    const { answer } = await world.remove(customer);
    assert.equal(answer.case, "removed");
    assert.equal(world.reaches(), false);
    assert.equal((await device.read()).peers.size, 0);
  });

  test("a lease ends by itself, and its peer goes with it", async () => {
    const again = { ...customer, placement: "0b1c1b7e-6a43-4d4e-9d4b-52a1a7c3d002" };
    // Its addresses rest for a while, and the next has others: its own come back when nobody can mix them up.
    await world.until(
      "the end of the addresses' rest",
      async () => (await world.place(again, 1_500)).answer.case === "placed",
    );
    await world.until("the end of its lease", async () => (await device.read()).peers.size === 0);
  });

  test("a stop leaves device and firewall, and a purge leaves nothing", async () => {
    assert.equal((await ended("SIGTERM")).code, 0);
    assert.equal((await device.read()).listenPort, 51_820);
    const refused = await world.run("core", "status");
    assert.equal(refused.code, 4, refused.stderr);
    const { done } = await world.json("core", "purge", "--config", "ropewalk.toml");
    assert.ok(done.includes("device wg0") && done.includes("firewall table inet ropewalk-vpn"), done.join());
    assert.equal(existsSync("/sys/class/net/wg0"), false);
    assert.equal(execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" }), "");
    assert.equal(readFileSync("/proc/sys/net/ipv4/ip_forward", "latin1").trim(), "0");
    const again = await world.run("core", "purge", "--config", "ropewalk.toml");
    assert.equal(again.stdout, "Nothing of an exit was there.\n");
  });

  test("an exit whose operator wants the kernel's WireGuard has it, or does not start on a kernel without it", async () => {
    world.configure('driver = "kernel"');
    if (hasKernelWireGuard(createNative())) {
      core = await world.startCore();
      assert.equal((await world.json("core", "status")).device.driver, "kernel");
      assert.equal((await ended("SIGTERM")).code, 0);
      await world.json("core", "purge", "--config", "ropewalk.toml");
      return;
    }
    const { code, stderr } = await world.run("core", "--config", "ropewalk.toml");
    assert.equal(code, 3, stderr);
    assert.match(stderr, /core\.driver = "kernel", and this kernel has no WireGuard/);
  });

  test("an exit in production says all that keeps it from starting", async () => {
    world.configure('environment = "production"');
    rmSync(join(world.folder, "run"), { recursive: true, force: true });
    const { code, stderr } = await world.run("core", "--config", "ropewalk.toml");
    assert.equal(code, 3, stderr);
    assert.match(stderr, /core\.entry\.addresses is empty/);
    assert.equal(existsSync("/sys/class/net/wg0"), false);
  });
});
