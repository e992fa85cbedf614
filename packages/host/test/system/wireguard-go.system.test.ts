/** wireguard-go as a process of its own: it is started once, found again, outlives its starter, ends when told, and lacks are named. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { createUapiDevice } from "@ropewalk/host/linux/uapi-device";
import { endWireGuardGo, startWireGuardGo } from "@ropewalk/host/linux/wireguard-go";
import { formatPrefix, ipAddress } from "@ropewalk/kernel/addresses";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import type { SecretBytes } from "@ropewalk/kernel/secret-bytes";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { seconds } from "@ropewalk/kernel/units";
import { inOwnNamespace, ownProcesses } from "../in-own-namespace.ts";
import { peer, prefixes, secret } from "../wireguard/peers.ts";
import { ownSockets, until, wireGuardGoOf } from "./wireguard-world.ts";

const clock = createSystemClock();
const starter = join(import.meta.dirname, "start-wireguard-go-main.ts");
const hasInterface = (name: string) => existsSync(`/sys/class/net/${name}`);

/** What another process said of starting `name`; it runs on. */
async function startElsewhere(name: string, prefix: readonly string[] = []) {
  const [program = "", ...words] = [...prefix, process.execPath, ...process.execArgv, starter, name];
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: line.toString().trim() };
}

const defineTests = () => {
  ownSockets();
  afterEach(() => endWireGuardGo("wg0", { clock }));

  test("a device is started, then found, and both it and its interface are gone when it has been ended", async () => {
    assert.equal(await startWireGuardGo("wg0", { clock }), "started");
    assert.ok(hasInterface("wg0"));
    assert.equal(await startWireGuardGo("wg0", { clock }), "there");
    assert.equal(wireGuardGoOf("wg0").length, 1);
    await endWireGuardGo("wg0", { clock });
    await until("the end of the interface", () => !hasInterface("wg0"));
    await assert.rejects(createUapiDevice("wg0", { clock }).read(), { code: "HOST_WIREGUARD_NO_DEVICE" });
    await endWireGuardGo("wg0", { clock });
  });

  test("of two who start a device together one does and one finds it", async () => {
    const both = await Promise.all([startWireGuardGo("wg0", { clock }), startWireGuardGo("wg0", { clock })]);
    assert.deepEqual(both.toSorted(), ["started", "there"]);
    assert.equal(wireGuardGoOf("wg0").length, 1);
  });

  test("a device and what it has outlive the process that started it, killed or not", async () => {
    const { child, said } = await startElsewhere("wg0");
    assert.equal(said, "started");
    await createUapiDevice("wg0", { clock }).configure({ fwmark: 77 });
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    assert.equal((await createUapiDevice("wg0", { clock }).read()).fwmark, 77);
    assert.equal(await startWireGuardGo("wg0", { clock }), "there");
  });

  test("a device that was killed is started anew over the socket that it left", async () => {
    await startWireGuardGo("wg0", { clock });
    for (const pid of wireGuardGoOf("wg0")) process.kill(pid, "SIGKILL");
    await until("the end of a killed device", () => wireGuardGoOf("wg0").length === 0);
    assert.ok(existsSync("/run/wireguard/wg0.sock"));
    assert.equal(await startWireGuardGo("wg0", { clock }), "started");
  });

  test("ending what was killed takes away the socket that it left", async () => {
    await startWireGuardGo("wg0", { clock });
    for (const pid of wireGuardGoOf("wg0")) process.kill(pid, "SIGKILL");
    await until("the end of a killed device", () => wireGuardGoOf("wg0").length === 0);
    await endWireGuardGo("wg0", { clock });
    assert.equal(existsSync("/run/wireguard/wg0.sock"), false);
  });

  test("a device that does not end is told, and not waited for", async () => {
    await startWireGuardGo("wg0", { clock });
    const [pid = 0] = wireGuardGoOf("wg0");
    process.kill(pid, "SIGSTOP");
    try {
      const still = new FakeClock();
      const ending = assert.rejects(endWireGuardGo("wg0", { clock: still }), { code: "HOST_WIREGUARD_TIMEOUT" });
      await until("the wait", () => still.pendingTimers().length > 0);
      still.advance(seconds(5));
      await ending;
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await until("the end of the device", () => wireGuardGoOf("wg0").length === 0);
  });

  test("what is lacking is named with what to do about it", async () => {
    const refused = (deps: Partial<Parameters<typeof startWireGuardGo>[1]>, message: RegExp, name = "wg0") =>
      assert.rejects(startWireGuardGo(name, { clock, ...deps }), { code: "HOST_WIREGUARD_START", message });
    await refused({ programFolders: ["/nowhere"] }, /no wireguard-go; Debian's package wireguard-go has it/);
    await refused({ tun: "/nowhere/tun" }, /no \/nowhere\/tun: load the module \(modprobe tun\)/);
    execFileSync("ip", ["link", "add", "taken0", "type", "veth", "peer", "name", "taken1"]);
    await refused({}, /^wireguard-go could not make taken0: Failed to create TUN device: /, "taken0");
    execFileSync("ip", ["link", "delete", "taken0"]);
    assert.equal(wireGuardGoOf("wg0").length, 0);
  });

  test("with the capabilities of its unit and no others it is started", async () => {
    const granted = ["--bounding-set=-all,+net_admin,+net_bind_service", "--inh-caps=-all", "--no-new-privs"];
    // The test's own sources may lie in anybody's home.
    const { child, said } = await startElsewhere("wg0", [
      "setpriv",
      ...granted.with(0, `${granted[0]},+dac_read_search`),
    ]);
    child.kill("SIGKILL");
    assert.equal(said, "started");
  });

  test("wg, which reads devices by itself, finds all that was written", async () => {
    await startWireGuardGo("wg0", { clock });
    const device = createUapiDevice("wg0", { clock });
    const endpoint = { address: ipAddress("2001:db8::7"), port: 51_820 };
    const peers = [
      peer(1, { endpoint, keepalive: seconds(25) }),
      peer(2, { presharedKey: undefined, allowedPrefixes: prefixes("10.0.0.0/8") }),
    ];
    await device.configure({ privateKey: secret(7), listenPort: 51_999, fwmark: 0x77 });
    await device.change(peers.map((one) => ({ kind: "add", peer: one })));
    const [own = [], ...others] = execFileSync("wg", ["show", "wg0", "dump"], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((line) => line.split("\t"));
    assert.deepEqual(own.slice(1), [(await device.read()).publicKey, "51999", "0x77"]);
    const base64 = (key: SecretBytes | undefined) => key?.reveal().toBase64() ?? "(none)";
    const expected = peers.map(({ publicKey, presharedKey, endpoint, allowedPrefixes, keepalive }) => [
      ...[
        publicKey,
        base64(presharedKey),
        endpoint === undefined ? "(none)" : `[${endpoint.address}]:${endpoint.port}`,
      ],
      ...[allowedPrefixes.map(formatPrefix).join(","), "0", "0", "0", keepalive === undefined ? "off" : "25"],
    ]);
    assert.deepEqual(others.toSorted(), expected.toSorted());
  });

  test("who may not make interfaces is told so", async () => {
    const { child, said } = await startElsewhere("wg0", [
      "setpriv",
      "--bounding-set=-net_admin",
      "--inh-caps=-net_admin",
    ]);
    child.kill("SIGKILL");
    assert.match(said, /could not make wg0: Failed to create TUN device: operation not permitted$/);
  });
};

inOwnNamespace(import.meta.filename, defineTests, [], ownProcesses);
