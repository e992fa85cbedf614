/** The [mesh] table: that it is there makes a mesh, what holds without its keys, and what is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { meshConfig, meshSection } from "@ropewalk/mesh/config";
import { nodeConfig } from "@ropewalk/mesh/config/node-config";
import { defaultLinkBudget } from "@ropewalk/mesh/pure/protection/link-budget";
import { loadConfig } from "@ropewalk/ops/config";
import { describeFault } from "@ropewalk/ops/config-fault";
import { renderConfig } from "@ropewalk/ops/config-render";

const load = (content: string, env: Readonly<Record<string, string>> = {}) =>
  loadConfig({ sections: { mesh: meshSection }, text: { path: "a.toml", content }, env });

function loaded(content: string, env: Readonly<Record<string, string>> = {}) {
  const result = load(content, env);
  assert(result.kind === "ok", "faults" in result ? result.faults.map(describeFault).join("\n") : "");
  return result;
}

const address = "00112233445566778899aabbccddeeff";

test("without the table there is no mesh, and nothing of it is shown", () => {
  const { values, leaves } = loaded("");
  assert.equal(values.mesh, undefined);
  assert.deepEqual(leaves, []);
});

test("an empty table is a mesh with every default", () => {
  const { mesh } = loaded("[mesh]").values;
  assert.deepEqual(mesh, {
    preset: "usual",
    kind: "standard",
    identity: {},
    announce: { interval: 600_000, maxAge: 1_800_000, maxHops: 64 },
    routing: { maxRoutes: 8192, contacts: [] },
    transport: { listen: ["[::]:7412"], maxLinks: 64 },
    discovery: { enabled: true, maxPeers: 8 },
    limits: { newAnnounces: 100, knownAnnounces: 500, requests: 100, packets: 20_000 },
    store: {
      ...{ enabled: true, maxCustodyBytes: 67_108_864, maxOutboxBytes: 67_108_864, maxMessageBytes: 262_144 },
      ...{ maxInbox: 100_000, maxInboxBytes: 134_217_728, maxLife: 604_800_000 },
    },
    peer: [],
  });
  assert.deepEqual(meshConfig({}), mesh);
});

test("a variable of the environment makes a mesh as the file does, unless all that it does is to switch something off", () => {
  const off = { ROPEWALK_MESH_DISCOVERY_ENABLED: "false" };
  assert.equal(loaded("", { ROPEWALK_MESH_PRESET: "usual", ...off }).values.mesh?.discovery.enabled, false);
  const alone = loaded("", { ...off, ROPEWALK_MESH_STORE_ENABLED: "false" });
  assert.equal(alone.values.mesh, undefined);
  assert.deepEqual(alone.leaves, []);
  assert.equal(loaded("[mesh]", off).values.mesh?.discovery.enabled, false);
});

test("a switch of the environment that is neither on nor off is a fault, also where it would make no mesh", () => {
  assert.equal(load("", { ROPEWALK_MESH_DISCOVERY_ENABLED: "off" }).kind, "faults");
});

test("the preset decides what is not given, and nothing else", () => {
  const { mesh } = loaded('[mesh]\npreset = "constrained"\nannounce.interval = "20m"').values;
  assert.deepEqual(mesh?.announce, { interval: 1_200_000, maxAge: 5_400_000, maxHops: 64 });
  assert.deepEqual([mesh?.routing.maxRoutes, mesh?.transport.maxLinks, mesh?.discovery.maxPeers], [512, 8, 4]);
});

test("what is shown of a configuration gives the same when it is read", () => {
  const first = loaded('[mesh]\npreset = "constrained"\n[[mesh.peer]]\nat = "hub.example:7412"');
  assert.deepEqual(loaded(renderConfig(first)).values, first.values);
});

test("what a link may bring follows the limits, and by default is what it always was", () => {
  assert.deepEqual(nodeConfig(meshConfig({})).limits, defaultLinkBudget);
  const written = { new_announces: 10, known_announces: 50, requests: 1, packets: 3 };
  assert.deepEqual(nodeConfig(meshConfig({ limits: written })).limits, {
    ...defaultLinkBudget,
    "new-announce": { perSecond: 10, burst: 205 },
    "known-announce": { perSecond: 50, burst: 410 },
    request: { perSecond: 1, burst: 11 },
    packet: { perSecond: 3, burst: 3 },
  });
});

test("a peer has a place and may have an address, which is read in capitals too", () => {
  const { mesh } = loaded(`[[mesh.peer]]\nat = "[2001:db8::1]:7412"\naddress = "${address.toUpperCase()}"`).values;
  assert.deepEqual(mesh?.peer, [{ at: { host: "2001:db8::1", port: 7412 }, address }]);
});

test("seconds of other meshes are taken, and their other keys are refused with what became of them", () => {
  assert.equal(loaded("[mesh]\nannounce.interval_secs = 60").values.mesh?.announce.interval, 60_000);
  const faulty: readonly (readonly [content: string, expected: RegExp])[] = [
    ["rate_limit.messages = 3", /mesh\.rate_limit\.messages: is now mesh\.limits\.packets/],
    ["rate_limit.burst = 3", /mesh\.rate_limit: is now \[mesh\.limits\]/],
    ["limits.packets = 0", /mesh\.limits\.packets.*at least 1/],
    ["transport.lora.region = 1", /mesh\.transport\.lora.*no radio/],
    ["enabled = true", /mesh\.enabled.*when the table \[mesh\] is there/],
    ["announce.max_hops = 65", /mesh\.announce\.max_hops/],
    ['announce.interval = "2h"', /mesh\.announce\.max_age.*must be longer than mesh\.announce\.interval/],
    ['announce.max_age = "19h"', /mesh\.announce\.max_age.*1 second to 18 hours/],
    ['announce.max_age = "90500ms"', /mesh\.announce\.max_age.*whole seconds/],
    ['routing.contacts = ["abc"]', /mesh\.routing\.contacts.*32 hexadecimal digits/],
    ['transport.listen = ["hub.example:1"]', /mesh\.transport\.listen.*an address of this machine/],
    ['peer = [{ at = "hub.example" }]', /mesh\.peer\[0\]\.at.*a host and a port/],
    ['listen = ["[::]:7412"]', /mesh\.listen: unknown key; did you mean mesh\.transport\.listen\?/],
    ['at = "hub.example:7412"', /mesh\.at: unknown key; did you mean at in \[\[mesh\.peer\]\]\?/],
  ];
  for (const [content, expected] of faulty) {
    const result = load(`[mesh]\n${content}`);
    assert(result.kind === "faults", content);
    assert.match(result.faults.map(describeFault).join("\n"), expected);
  }
});
