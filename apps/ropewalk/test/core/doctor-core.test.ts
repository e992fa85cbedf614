/** What `ropewalk doctor` finds of an exit of the VPN. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@ropewalk/ops/config";
import { coreSection } from "@ropewalk/vpn/node/config";
import { type CoreFacts, coreFindings } from "../../src/doctor/core.ts";

function core(content: string) {
  const loaded = loadConfig({ sections: { core: coreSection }, env: {}, text: { path: "t", content } });
  assert.ok(loaded.kind === "ok", JSON.stringify(loaded));
  return loaded.values.core;
}

const control = '[core.control]\ncertificate = "c"\nkey = "k"\nauthorities = ["a"]';
const exit = core(`[core]\nendpoint = "exit.example:51820"\naddresses = ["10.0.0.1/24", "fd00::1/64"]\n${control}`);
const good: CoreFacts = {
  disk: { path: "/var/lib", freeBytes: 5_000_000_000 },
  hasKernelWireGuard: false,
  wireGuardGo: "/usr/bin/wireguard-go",
  hasTun: true,
  nft: "/usr/sbin/nft",
  hasNftLibrary: true,
  mostTracked: 262_144,
  forwarded: ["ipv4", "ipv6"],
  mayForward: true,
  reached: ["ipv4", "ipv6"],
};
const lacks = (config: typeof exit, facts: Partial<CoreFacts>) =>
  coreFindings(config, () => ({ ...good, ...facts }))
    .filter(({ state }) => state === "lack")
    .map(({ name, cure }) => `${name}: ${cure}`);

test("a machine that is no exit has no findings, and a good one no lack", () => {
  assert.deepEqual(
    coreFindings(core(""), () => assert.fail("nothing is read")),
    [],
  );
  assert.deepEqual(lacks(exit, {}), []);
});

test("each thing that an exit lacks is named with its cure", () => {
  assert.match(lacks(exit, { wireGuardGo: undefined }).join(), /^WireGuard: apt-get install wireguard-go/);
  assert.match(lacks(exit, { hasTun: false }).join(), /^WireGuard: modprobe tun/);
  assert.match(lacks(exit, { hasNftLibrary: false }).join(), /^firewall: apt-get install libnftables1/);
  assert.deepEqual(lacks({ ...exit, natDriver: "cli" }, { hasNftLibrary: false }), []);
  assert.match(lacks({ ...exit, natDriver: "cli" }, { nft: undefined }).join(), /^firewall: apt-get install nftables/);
  assert.match(lacks({ ...exit, capacity: 253 }, { mostTracked: 1_000 }).join(), /nf_conntrack_max=25300/);
  assert.deepEqual(lacks(exit, { mostTracked: 1_000 }), [], "how many are meant is not known");
  assert.match(lacks(exit, { disk: { path: "/", freeBytes: 1_000 } }).join(), /^disk of leases: make room/);
  assert.match(lacks(exit, { reached: ["ipv4"] }).join(), /^way out for IPv6: a default route/);
  assert.match(lacks(core('[core]\nendpoint = "e:1"'), {}).join(), /^settings: docs/);
});

test("a driver that the operator names is the one that must be there", () => {
  const kernel = { hasKernelWireGuard: true, wireGuardGo: undefined, hasTun: false };
  assert.deepEqual(lacks(exit, kernel), []);
  assert.deepEqual(lacks({ ...exit, driver: "kernel" }, kernel), []);
  assert.match(lacks({ ...exit, driver: "kernel" }, {}).join(), /^WireGuard: modprobe wireguard/);
  assert.match(lacks({ ...exit, driver: "wireguard-go" }, kernel).join(), /^WireGuard: apt-get install wireguard-go/);
});

test("forwarding that is off is a lack only where the exit cannot turn it on", () => {
  assert.deepEqual(lacks(exit, { forwarded: [] }), []);
  assert.match(
    lacks(exit, { forwarded: ["ipv4"], mayForward: false }).join(),
    /sysctl net\.ipv6\.conf\.all\.forwarding=1/,
  );
});
