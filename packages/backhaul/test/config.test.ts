/** The [backhaul] table as the loader gives it: what is accepted, what is refused, and with which words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type BackhaulConfig, backhaulSection } from "@ropewalk/backhaul/config";
import { settingsFor } from "@ropewalk/backhaul/pure/entries";
import { loadConfig } from "@ropewalk/ops/config";
import { describeFault } from "@ropewalk/ops/config-fault";
import { linkFacts } from "./pure/facts-fixture.ts";

function load(toml: string, env: Readonly<Record<string, string>> = {}) {
  const text = { path: "ropewalk.toml", content: toml };
  return loadConfig({ sections: { backhaul: backhaulSection }, text, env });
}

function accepted(toml: string, env?: Readonly<Record<string, string>>): BackhaulConfig {
  const result = load(toml, env);
  if (result.kind === "ok") return result.values.backhaul;
  throw new Error(result.faults.map(describeFault).join("\n"));
}

function faults(toml: string): readonly string[] {
  const result = load(toml);
  return result.kind === "ok" ? [] : result.faults.map((fault) => `${fault.path}: ${fault.reason}`);
}

test("nothing needs to be said: Ropewalk measures at the normal pace, those who pay by volume at the slow one, and moves nothing", () => {
  const { monitorOnly, probe, uplink } = accepted("");
  assert.deepEqual([monitorOnly, probe.enabled, uplink], [true, true, []]);
  assert.deepEqual([probe.profile, probe.meteredProfile], ["normal", "eco"]);
  assert.deepEqual([probe.fast.interval, probe.normal.interval, probe.eco.interval], [50, 1_000, 60_000]);
  assert.equal(probe.http?.url, "http://connectivitycheck.gstatic.com/generate_204");
  const providers = new Set(probe.target.map((target) => target.name));
  assert.deepEqual([...providers], ["cloudflare", "google", "quad9"]);
});

test("targets, checks and thresholds are the operator's own when he says so", () => {
  const config = accepted(`
    [backhaul]
    [[backhaul.probe.target]]
    name = "headquarters"
    address = "203.0.113.10"
    port = 8443
    tls_name = "hq.example"
    [backhaul.probe.http]
    enabled = false
    [backhaul.probe.fast]
    interval = "100ms"
    [backhaul.quality]
    rtt_above = "900ms"
    [[backhaul.uplink]]
    interface = "wwan0"
    profile = "eco"
  `);
  const { target, http, fast } = config.probe;
  assert.deepEqual(target, [{ name: "headquarters", address: "203.0.113.10", port: 8_443, tlsName: "hq.example" }]);
  assert.deepEqual([http, fast.interval, config.quality.rttAbove], [undefined, 100, 900]);
  assert.equal(config.uplink[0]?.profile, "eco");
});

test("what could not be kept is refused: a pulse each millisecond, the same target twice, no target at all", () => {
  assert.match(faults('[backhaul.probe.fast]\ninterval = "1ms"')[0] ?? "", /expected 20 to 3600000 ms/);
  const twice = '[[backhaul.probe.target]]\nname = "a"\naddress = "192.0.2.1"\n'.repeat(2);
  assert.match(faults(twice)[0] ?? "", /two targets have one address/);
  assert.equal(faults("[backhaul.probe]\ntarget = []").length, 1);
});

test("a list of a thousand targets is taken", () => {
  const many = Array.from({ length: 1_000 }, (_, index) => {
    return `[[backhaul.probe.target]]\nname = "t${index}"\naddress = "10.0.${index >> 8}.${index & 255}"\n`;
  });
  assert.equal(accepted(many.join("")).probe.target.length, 1_000);
});

test("the environment may say that probing is off", () => {
  assert.equal(accepted("", { ROPEWALK_BACKHAUL_PROBE_ENABLED: "false" }).probe.enabled, false);
});

test("it only watches unless it is told otherwise, and then it asks to be confirmed", () => {
  const { monitorOnly, executeCommands, confirmWithin } = accepted("");
  assert.deepEqual([monitorOnly, executeCommands, confirmWithin], [true, true, 60_000]);
  assert.equal(accepted("[backhaul]\nmonitor_only = false\nexecute_commands = false").executeCommands, false);
});

test("the seed's names are refused with what to write instead", () => {
  assert.match(faults("[backhaul.routing_config]\nmonitor_only = true")[0] ?? "", /backhaul\.monitor_only/);
});

test("an entry says by interface, MAC address or id which uplink it means, and what is so of it", () => {
  const { uplink } = accepted(`
    [[backhaul.uplink]]
    interface = "wwan*"
    name = "Harbour LTE"
    metered = true
    resolvers = ["9.9.9.9", "2620:FE::FE"]

    [[backhaul.uplink]]
    mac = "02:00:5E:10:00:01"
    role = "include"

    [[backhaul.uplink]]
    id = "pci-0000:00:1f.6"
    role = "exclude"
  `);
  assert.deepEqual(uplink, [
    {
      selector: { kind: "interface", pattern: "wwan*" },
      role: "auto",
      label: "Harbour LTE",
      metered: true,
      resolvers: ["9.9.9.9", "2620:fe::fe"],
      profile: undefined,
      addresses: undefined,
    },
    {
      selector: { kind: "mac", mac: "02:00:5e:10:00:01" },
      role: "include",
      label: undefined,
      metered: undefined,
      resolvers: undefined,
      profile: undefined,
      addresses: undefined,
    },
    {
      selector: { kind: "id", id: "pci-0000:00:1f.6" },
      role: "exclude",
      label: undefined,
      metered: undefined,
      resolvers: undefined,
      profile: undefined,
      addresses: undefined,
    },
  ]);
});

const badEntries: readonly (readonly [what: string, toml: string, path: string, reason: RegExp])[] = [
  ["without a selector", "metered = true", "backhaul.uplink[0]", /exactly one of interface, mac and id/],
  ["with two selectors", 'interface = "a"\nid = "b"\nmetered = true', "backhaul.uplink[0]", /exactly one of/],
  ["that says nothing", 'interface = "a"', "backhaul.uplink[0].interface", /says nothing/],
  ["that excludes and names", 'interface = "a"\nrole = "exclude"\nname = "x"', "backhaul.uplink[0].name", /exclude/],
  ["with a bad MAC address", 'mac = "02:00"\nmetered = true', "backhaul.uplink[0].mac", /expected a MAC address/],
  ["with a bad interface", 'interface = "a b"\nmetered = true', "backhaul.uplink[0].interface", /name of an interface/],
  [
    "with a bad resolver",
    'interface = "a"\nresolvers = ["dns.example"]',
    "backhaul.uplink[0].resolvers[0]",
    /IP address/,
  ],
  ["with no resolver", 'interface = "a"\nresolvers = []', "backhaul.uplink[0].resolvers", /at least 1/],
  ["with an unknown key", 'interface = "a"\nmeterd = true', "backhaul.uplink[0].meterd", /metered/],
  [
    "that wants addresses for many",
    'interface = "wan*"\naddresses = "dhcp"',
    "backhaul.uplink[0].addresses",
    /got for one interface/,
  ],
  [
    "that wants addresses for an id",
    'id = "pci-0000:00:1f.6"\naddresses = "dhcp"',
    "backhaul.uplink[0].addresses",
    /whole name or by its mac/,
  ],
  [
    "that excludes what addresses are got for",
    'interface = "a"\nrole = "exclude"\naddresses = "dhcp"',
    "backhaul.uplink[0].addresses",
    /exclude/,
  ],
  ["with unknown addresses", 'interface = "a"\naddresses = "static"', "backhaul.uplink[0].addresses", /expected/],
  ["with an unknown role", 'interface = "a"\nrole = "lan"', "backhaul.uplink[0].role", /expected/],
  [
    "with a control character in its name",
    'interface = "a"\nname = "\\u001b[2J"',
    "backhaul.uplink[0].name",
    /control/,
  ],
];

for (const [what, toml, path, reason] of badEntries) {
  test(`an entry ${what} is refused at its place`, () => {
    const found = faults(`[[backhaul.uplink]]\n${toml}`);
    assert.ok(
      found.some((fault) => fault.startsWith(`${path}: `) && reason.test(fault)),
      found.join("\n") || "accepted",
    );
  });
}

test("whose addresses Ropewalk gets is an uplink before it has any", () => {
  const { uplink } = accepted('[[backhaul.uplink]]\ninterface = "wan1"\naddresses = "dhcp"');
  const link = linkFacts({ name: "wan1" });
  assert.deepEqual([settingsFor(uplink, link, []).role, settingsFor(uplink, link, []).addresses], ["include", "dhcp"]);
  assert.deepEqual(faults('[[backhaul.uplink]]\ninterface = "wan1"\naddresses = "found"'), []);
});

test("two entries that contradict each other are a fault, in whatever way they meet", () => {
  const two = (first: string, second: string) =>
    faults(`[[backhaul.uplink]]\n${first}\n[[backhaul.uplink]]\n${second}`);
  assert.match(two('interface = "a"\nmetered = true', 'interface = "a"\nname = "x"')[0] ?? "", /the same uplink/);
  assert.match(two('id = "x"\nmetered = true', 'id = "x"\nmetered = false')[0] ?? "", /the same uplink/);
  assert.match(
    two('interface = "wwan*"\nmetered = true', 'interface = "wwan0"\nmetered = false')[0] ?? "",
    /comes first/,
  );
  assert.match(two('interface = "a"\nname = "x"', 'interface = "b"\nname = "x"')[0] ?? "", /has this name already/);
  assert.deepEqual(two('interface = "wwan0"\nmetered = false', 'interface = "wwan*"\nmetered = true'), []);
});

test("ten faults are told at once", () => {
  const entry = '[[backhaul.uplink]]\ninterface = "a/b"\nmetered = 3\nresolvers = ["x"]\n';
  assert.ok(faults(`[backhaul]\nmonitor_only = 0\nprobe = { enabled = true }\n${entry.repeat(3)}`).length >= 10);
});

test("names follow the uplink in use unless that is switched off", () => {
  assert.deepEqual(backhaulSection.schema.parse({}).dns, { follow: true });
  assert.deepEqual(backhaulSection.schema.parse({ dns: { follow: false } }).dns, { follow: false });
});
