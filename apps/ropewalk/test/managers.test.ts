import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkFacts, RouteFacts, RuleFacts } from "@ropewalk/host/facts";
import { type Prefix, parsePrefix } from "@ropewalk/kernel/addresses";
import { bytes } from "@ropewalk/kernel/units";
import { type ManagerFacts, managerFindings } from "../src/doctor/managers.ts";

const nothing: ManagerFacts = { ownedNames: new Set(), paths: new Set(), links: [], defaultRoutes: [], rules: [] };

const rule: RuleFacts = {
  family: "ipv4",
  priority: 100,
  table: 254,
  protocol: 0,
  source: undefined,
  destination: undefined,
  mark: undefined,
  suppressPrefixLength: undefined,
  inputInterface: undefined,
  outputInterface: undefined,
};

const everywhere = parsePrefix("0.0.0.0/0") as Prefix;
const route: RouteFacts = {
  family: "ipv4",
  table: 254,
  destination: everywhere,
  type: "unicast",
  protocol: 4,
  metric: 0,
  preferredSource: undefined,
  nextHops: [],
  nextHopId: undefined,
};

const bridge: LinkFacts = {
  ifindex: 3,
  name: "docker0",
  mac: undefined,
  permanentMac: undefined,
  mtu: bytes(1500),
  hardwareType: 1,
  isEnabled: true,
  hasCarrier: false,
  isDormant: false,
  virtualKind: "bridge",
  master: undefined,
  lower: undefined,
  carrierChangedAt: undefined,
};

const found = (facts: Partial<ManagerFacts>) =>
  managerFindings({ ...nothing, ...facts }).map(({ name, text }) => `${name}: ${text}`);

test("a machine where nobody manages the network is told so, and whether there was a bus to ask", () => {
  assert.deepEqual(found({}), ["none: no other program that manages the network was found"]);
  assert.match(found({ ownedNames: undefined })[0] ?? "", /there is no system bus to ask/);
});

test("an owned bus name is proof; a folder is not, where the bus says that nobody owns the name", () => {
  const name = "org.freedesktop.NetworkManager";
  assert.deepEqual(found({ ownedNames: new Set([name]) }), [`NetworkManager: owns ${name} on the system bus`]);
  const paths = new Set(["/run/NetworkManager"]);
  assert.deepEqual(found({ paths }), ["none: no other program that manages the network was found"]);
  assert.deepEqual(found({ paths, ownedNames: undefined }), ["NetworkManager: /run/NetworkManager exists"]);
});

test("tailscale is known by its rules, wg-quick by a rule whose mark is its table, docker by its bridge", () => {
  const tailscale = { ...rule, priority: 5210, mark: { value: 0x80_000, mask: 0xff_0000 } };
  assert.deepEqual(found({ rules: [tailscale] }), ["tailscale: routing rule 5210 with mark mask 0xff0000"]);
  const wgQuick = { ...rule, priority: 32_764, table: 51_820, mark: { value: 51_820, mask: 0xffff_ffff } };
  assert.deepEqual(found({ rules: [wgQuick] }), ["wg-quick: routing rule 32764 whose mark is its table, 51820"]);
  assert.deepEqual(found({ links: [bridge] }), ["docker: the bridge docker0"]);
});

test("a routing daemon is known by the protocol of its default route; a plain static route is nobody's", () => {
  assert.deepEqual(found({ defaultRoutes: [{ ...route, protocol: 12 }] }), ["bird: a default route with protocol 12"]);
  assert.equal(found({ defaultRoutes: [route] })[0]?.startsWith("none"), true);
});
