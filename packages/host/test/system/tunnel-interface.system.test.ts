/** The interface of a tunnel on the real kernel, as `ip` tells it, and the settings that make a host forward. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { forwardingSettings, isForwarding } from "@ropewalk/host/linux/forwarding";
import { createNative } from "@ropewalk/host/linux/native";
import { createSettingFiles } from "@ropewalk/host/linux/setting-files";
import { setUpInterface } from "@ropewalk/host/linux/tunnel-interface";
import { parsePrefix } from "@ropewalk/kernel/addresses";
import { bytes } from "@ropewalk/kernel/units";
import { inOwnNamespace } from "../in-own-namespace.ts";
import { ipBatch } from "./namespace-world.ts";

const prefixes = (...texts: readonly string[]) => texts.map((text) => parsePrefix(text) ?? assert.fail(text));

inOwnNamespace(import.meta.filename, () => {
  const native = createNative();
  const wanted = { name: "tun0", addresses: prefixes("10.90.0.1/16", "fd90::1/64"), mtu: bytes(1420) };

  beforeEach(() => ipBatch(["tuntap add tun0 mode tun"]));
  afterEach(() => ipBatch(["link delete tun0"]));

  function told() {
    const [link] = JSON.parse(execFileSync("ip", ["-j", "address", "show", "tun0"], { encoding: "utf8" }));
    const addresses = link.addr_info.map((one: Record<string, unknown>) => `${one["local"]}/${one["prefixlen"]}`);
    return { mtu: link.mtu, isUp: link.flags.includes("UP"), addresses };
  }

  test("it gets its addresses, its MTU, and is up; the second time nothing is written", () => {
    assert.deepEqual(setUpInterface(native, wanted), ["MTU 1420", "address 10.90.0.1/16", "address fd90::1/64", "up"]);
    assert.deepEqual(told(), { mtu: 1420, isUp: true, addresses: ["10.90.0.1/16", "fd90::1/64"] });
    assert.deepEqual(setUpInterface(native, wanted), []);
  });

  test("what it has too much goes, of both families; what is right stays", () => {
    setUpInterface(native, wanted);
    ipBatch(["address add 10.91.0.1/24 dev tun0", "-6 address add fd91::1/64 dev tun0"]);
    assert.deepEqual(setUpInterface(native, wanted).toSorted(), ["no address 10.91.0.1/24", "no address fd91::1/64"]);
    assert.deepEqual(told().addresses, ["10.90.0.1/16", "fd90::1/64"]);
  });

  test("an interface that is not there, and what the kernel refuses, are told", () => {
    assert.throws(() => setUpInterface(native, { ...wanted, name: "tun9" }), /there is no interface tun9/);
    assert.throws(() => setUpInterface(native, { ...wanted, mtu: bytes(10) }), {
      code: "HOST_NETLINK",
      message: /tun0 does not get what it is to have, MTU 10: /,
    });
  });

  test("a host that is made to forward goes on hearing the routers of its links", () => {
    const files = createSettingFiles();
    assert.equal(isForwarding(), false);
    const settings = forwardingSettings(["ipv4", "ipv6"], "tun9");
    assert.deepEqual(
      settings.slice(-2).map(({ family, name }) => `${family} ${name}`),
      ["ipv4 forwarding", "ipv6 forwarding"],
    );
    for (const setting of settings) assert.equal(files.write(setting), undefined);
    assert.ok(isForwarding(["ipv4"]) && isForwarding(["ipv6"]));
    assert.equal(readFileSync("/proc/sys/net/ipv6/conf/tun0/accept_ra", "latin1").trim(), "2");
    assert.equal(
      forwardingSettings(["ipv6"], "tun0").some(
        (setting) => setting.kind === "interface" && setting.interfaceName === "tun0",
      ),
      false,
      "nobody behind a tunnel is a router",
    );
    assert.equal(readFileSync("/proc/sys/net/ipv4/ip_forward", "latin1").trim(), "1");
    assert.deepEqual(forwardingSettings(["ipv4", "ipv6"], "tun9"), settings);
  });
});
