/** The configuration file: what is accepted, and how every fault in it is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { millis } from "@ropewalk/kernel/units";
import { type ConfigResult, type LoadedConfig, loadConfig } from "@ropewalk/ops/config";
import { changedPaths } from "@ropewalk/ops/config-changes";
import { describeFault } from "@ropewalk/ops/config-fault";
import { optionalTable, table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { Secret } from "@ropewalk/ops/secret";
import fc from "fast-check";
import { z } from "zod";
import { sections } from "./sample-sections.ts";

type Sections = typeof sections;

function load(content: string, env: Readonly<Record<string, string>> = {}): ConfigResult<Sections> {
  return loadConfig({ sections, text: { path: "ropewalk.toml", content }, env });
}

function accepted(content: string, env?: Readonly<Record<string, string>>): LoadedConfig<Sections> {
  const result = load(content, env);
  assert.equal(result.kind, "ok", result.kind === "faults" ? result.faults.map(describeFault).join("\n") : "");
  return result as LoadedConfig<Sections>;
}

function faults(content: string, env?: Readonly<Record<string, string>>): readonly string[] {
  const result = load(content, env);
  return result.kind === "faults" ? result.faults.map(describeFault) : [];
}

test("without a file and without an environment every key has its default", () => {
  const result = loadConfig({ sections, env: {} });
  assert.ok(result.kind === "ok");
  assert.deepEqual(result.values.log, { level: "info", format: "auto" });
  assert.equal(result.values.backhaul.probe.interval, 15_000);
  assert.equal(result.origins.get("backhaul.probe.interval"), "default");
});

test("snake_case keys of the file become camelCase keys of the typed configuration", () => {
  const { values } = accepted(
    '[backhaul]\nmonitor_only = true\nnames = ["a", "b"]\n[backhaul.probe]\ninterval = "250ms"\n',
  );
  assert.equal(values.backhaul.monitorOnly, true);
  assert.deepEqual(values.backhaul.names, ["a", "b"]);
  assert.equal(values.backhaul.probe.interval, millis(250));
});

test("the keys of a table that the operator names are left as they are", () => {
  assert.deepEqual(accepted('[backhaul.tags]\nsite_name = "x"\n').values.backhaul.tags, { site_name: "x" });
});

test("a list of tables is read in its order, with an origin for every leaf", () => {
  const { values, origins } = accepted(
    '[[backhaul.uplink]]\nname = "a"\n[[backhaul.uplink]]\nname = "b"\nmetered = true\n',
  );
  assert.deepEqual(values.backhaul.uplink, [{ name: "a" }, { name: "b", metered: true }]);
  assert.equal(origins.get("backhaul.uplink[1].metered"), "file");
  assert.equal(origins.get("backhaul.uplink[0].metered"), "default");
});

test("the typed configuration is frozen all the way down", () => {
  const { backhaul } = accepted('[[backhaul.uplink]]\nname = "a"\n').values;
  for (const part of [backhaul, backhaul.probe, backhaul.uplink, backhaul.uplink[0]]) assert.ok(Object.isFrozen(part));
});

test("ten faults in one file are told at once, each with its line, path, value and reason", () => {
  const told = faults(
    `colour = "red"
[backhaul]
monitor_only = false
mode = "lazy"
moode = "calm"
port = 70000
names = "a"
[backhaul.probe]
interval = "soon"
enabled = 1
[[backhaul.uplink]]
metered = "x"
[lgo]
`,
    { ROPEWALK_LOG_LEVEL: "loud" },
  );
  assert.deepEqual(told, [
    "ropewalk.toml:1: colour: unknown key",
    "ropewalk.toml:13: lgo: unknown section; did you mean log?",
    "ropewalk.toml:3: backhaul.monitor_only = false: cannot be false before this can move traffic",
    'ropewalk.toml:4: backhaul.mode = "lazy": expected "calm" or "eager"',
    "ropewalk.toml:6: backhaul.port = 70000: expected a number of at most 65535",
    'ropewalk.toml:7: backhaul.names = "a": expected a list',
    "ropewalk.toml:10: backhaul.probe.enabled = 1: expected true or false",
    'ropewalk.toml:9: backhaul.probe.interval = "soon": expected a duration such as "250ms", "15s" or "5m"',
    "ropewalk.toml:11: backhaul.uplink[0].name: is missing: expected a string",
    'ropewalk.toml:12: backhaul.uplink[0].metered = "x": expected true or false',
    "ropewalk.toml:5: backhaul.moode: unknown key; did you mean mode?",
    'environment ROPEWALK_LOG_LEVEL: log.level = "loud": expected "debug" or "info" or "warn" or "error"',
  ]);
});

test("a limit on a number, a length and a list names what it limits", () => {
  assert.deepEqual(faults('[backhaul]\nport = 0\nnames = ["a","b","c","d","e"]\nmetered = "often"\n'), [
    "ropewalk.toml:2: backhaul.port = 0: expected a number of at least 1",
    "ropewalk.toml:3: backhaul.names: expected a number of entries of at most 4",
    'ropewalk.toml:4: backhaul.metered = "often": expected true or false, or "auto"',
  ]);
});

test("a fault in an entry of a plain list names the entry", () => {
  assert.deepEqual(faults('[backhaul]\nnames = ["a", 7]\n'), [
    "ropewalk.toml:2: backhaul.names[1] = 7: expected a string",
  ]);
});

test("a key that is refused is told with its advice, in lists of tables too", () => {
  assert.deepEqual(faults('[backhaul]\nmonitor.only = true\n[[backhaul.uplink]]\nname = "a"\nweight = 3\n'), [
    "ropewalk.toml:2: backhaul.monitor.only: is now backhaul.monitor_only",
    "ropewalk.toml:5: backhaul.uplink[0].weight: is not configured: uplinks are measured",
  ]);
});

test("tables that another program had at the top are told with what became of each key, and the rest of them as one", () => {
  assert.deepEqual(faults("[network]\nmonitor = true\n"), [
    "ropewalk.toml:2: network.monitor: is now backhaul.monitor_only",
  ]);
  assert.deepEqual(faults("[network]\nmonitor = true\nname = 1\n"), [
    "ropewalk.toml:2: network.monitor: is now backhaul.monitor_only",
    "ropewalk.toml:1: network: is now [backhaul]",
  ]);
});

test("a table that means something by being there is undefined without, and not printed", () => {
  interface Ends {
    readonly far: { readonly port: number } | undefined;
  }
  const section: ConfigSection<Ends> = {
    name: "ends",
    schema: table({ far: optionalTable({ port: z.int().default(1) }) }) as z.ZodType<Ends>,
  };
  const read = (content: string) =>
    loadConfig({ sections: { ends: section }, text: { path: "a.toml", content }, env: {} });
  const without = read("");
  assert(without.kind === "ok");
  assert.equal(without.values.ends.far, undefined);
  assert.deepEqual(without.leaves, []);
  const present = read("[ends.far]");
  assert(present.kind === "ok");
  assert.deepEqual(present.values.ends.far, { port: 1 });
  assert.equal(present.leaves.length, 1);
});

test("an alias takes seconds for a duration, and is refused beside the duration itself", () => {
  assert.equal(accepted("[backhaul.probe]\ninterval_secs = 1.5\n").values.backhaul.probe.interval, 1_500);
  assert.deepEqual(faults('[backhaul.probe]\ninterval_secs = 20\ninterval = "20s"\n'), [
    "ropewalk.toml:2: backhaul.probe.interval_secs: is another name of backhaul.probe.interval; keep one",
  ]);
  assert.deepEqual(faults('[backhaul.probe]\ninterval_secs = "20s"\n'), [
    "ropewalk.toml:2: backhaul.probe.interval_secs: expected a number of seconds",
  ]);
});

test("a fault in TOML's syntax gives line and column, and nothing of the text around it", () => {
  const told = faults('[backhaul]\npassword = "hunter2\nmode = "calm"\n');
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /^ropewalk\.toml:2:\d+: TOML syntax: /);
  assert.doesNotMatch(told[0] ?? "", /hunter2/);
});

test("a fault in the environment is told beside a fault in TOML's syntax", () => {
  assert.equal(faults("[backhaul\n", { ROPEWALK_BACKHAUL_PORTT: "1" }).length, 2);
});

test("a secret is in no fault and in no leaf that is shown, whatever is wrong with it", () => {
  for (const wrong of [
    'password = ["hunter2"]',
    'pasword = "hunter2"',
    "password = 31337",
    'password.text = "hunter2"',
  ]) {
    const result = load(`[backhaul]\n${wrong}\n`);
    assert.equal(result.kind, "faults");
    assert.doesNotMatch(JSON.stringify(result), /hunter2|31337/);
  }
  const loaded = accepted('[backhaul]\npassword = "hunter2"\n');
  assert.doesNotMatch(JSON.stringify(loaded), /hunter2/);
  assert.equal(loaded.values.backhaul.password?.reveal(), "hunter2");
});

test("a section that is not a table is a fault", () => {
  assert.deepEqual(faults("log = 3\n"), ["ropewalk.toml:1: log: expected a table, [log]"]);
  assert.deepEqual(faults("[[log]]\n"), ["ropewalk.toml:1: log: expected a table, [log]"]);
});

test("a plain value where a table belongs is a fault also when the environment sets a key of the table", () => {
  assert.deepEqual(faults("[backhaul]\nprobe = 3\n", { ROPEWALK_BACKHAUL_PROBE_ENABLED: "true" }), [
    "ropewalk.toml:2: backhaul.probe: expected a table",
  ]);
});

test("a key that another table has is told where it belongs, its own section first", () => {
  const written = [
    ...["format = 1", "[uplink]", "[tags]", "[backhaul]", "interval = 1", "interval_secs = 2", "level = 3", "log = 4"],
    ...[
      "[backhaul.probe]",
      "name = 5",
      "prot = 6",
      "enabeld = 7",
      "[log]",
      "uplink = 8",
      "enabled = 9",
      "metered = 10",
    ],
  ];
  assert.deepEqual(faults(`${written.join("\n")}\n`), [
    "ropewalk.toml:1: format: unknown key; did you mean log.format?",
    "ropewalk.toml:2: uplink: unknown section; did you mean [[backhaul.uplink]]?",
    "ropewalk.toml:3: tags: unknown section; did you mean backhaul.tags?",
    "ropewalk.toml:10: backhaul.probe.name: unknown key; did you mean name in [[backhaul.uplink]]?",
    "ropewalk.toml:11: backhaul.probe.prot: unknown key",
    "ropewalk.toml:12: backhaul.probe.enabeld: unknown key; did you mean enabled?",
    "ropewalk.toml:5: backhaul.interval: unknown key; did you mean backhaul.probe.interval?",
    "ropewalk.toml:6: backhaul.interval_secs: unknown key",
    "ropewalk.toml:7: backhaul.level: unknown key; did you mean log.level?",
    "ropewalk.toml:8: backhaul.log: unknown key; did you mean [log]?",
    "ropewalk.toml:14: log.uplink: unknown key; did you mean [[backhaul.uplink]]?",
    "ropewalk.toml:15: log.enabled: unknown key; did you mean backhaul.probe.enabled?",
    "ropewalk.toml:16: log.metered: unknown key; did you mean backhaul.metered or metered in [[backhaul.uplink]]?",
  ]);
});

test("of a key that many tables have, none is told", () => {
  const keys = { port: z.int().default(1) };
  const tables = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, table(keys)]));
  const result = loadConfig({
    sections: { x: { name: "x", schema: table(tables) } },
    text: { path: "a.toml", content: "[x]\nport = 1" },
    env: {},
  });
  assert.deepEqual(result.kind === "faults" && result.faults.map(({ reason }) => reason), ["unknown key"]);
});

test("a key that its own section has elsewhere is told that place alone", () => {
  const port = z.int().default(1);
  const result = loadConfig({
    sections: { x: { name: "x", schema: table({ a: table({ port }) }) }, y: { name: "y", schema: table({ port }) } },
    text: { path: "a.toml", content: "[x]\nport = 1" },
    env: {},
  });
  assert.deepEqual(result.kind === "faults" && result.faults.map(({ reason }) => reason), [
    "unknown key; did you mean x.a.port?",
  ]);
});

test("a variable whose key another table of its section has is told that one's", () => {
  assert.deepEqual(faults("", { ROPEWALK_BACKHAUL_INTERVAL: "15s" }), [
    "environment ROPEWALK_BACKHAUL_INTERVAL: unknown variable; did you mean ROPEWALK_BACKHAUL_PROBE_INTERVAL?",
  ]);
});

test("keys with the names of object members are plain unknown keys", () => {
  const told = faults('__proto__ = 1\n[backhaul]\nconstructor = "x"\n[backhaul.__proto__]\nmode = "eager"\n');
  assert.equal(told.length, 3);
  for (const line of told) assert.match(line, /unknown key/);
});

test("more faults than anybody reads are counted", () => {
  const told = faults(`[log]\n${Array.from({ length: 150 }, (_, index) => `key${index} = 1`).join("\n")}\n`);
  assert.equal(told.length, 101);
  assert.equal(told.at(-1), "and 50 more faults");
});

test("two leaves with one environment name are a defect that is found at the first load", () => {
  const schema = table({ a_b: z.string().default(""), a: table({ b: z.string().default("") }) });
  assert.throws(() => loadConfig({ sections: { x: { name: "x", schema } }, env: {} }), /ROPEWALK_X_A_B/);
});

test("changed paths name what differs, as TOML would, secrets by their text", () => {
  const before = accepted('[backhaul]\npassword = "a"\n[[backhaul.uplink]]\nname = "x"\n').values;
  const after = accepted(
    '[backhaul]\npassword = "b"\n[backhaul.probe]\ninterval = "1s"\n[[backhaul.uplink]]\nname = "x"\nmetered = true\n[[backhaul.uplink]]\nname = "y"\n',
  ).values;
  assert.deepEqual(changedPaths(before, after), [
    "backhaul.password",
    "backhaul.probe.interval",
    "backhaul.uplink[0].metered",
    "backhaul.uplink[1]",
  ]);
  assert.deepEqual(changedPaths(new Secret("a"), new Secret("a")), []);
  assert.deepEqual(
    changedPaths(before, accepted('[backhaul]\npassword = "a"\n[[backhaul.uplink]]\nname = "x"\n').values),
    [],
  );
});

test("loading returns on any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void load(text)));
  const line = fc.constantFrom(
    "[backhaul]",
    "[[backhaul.uplink]]",
    "mode=",
    "names=[",
    '"a"',
    "]",
    "probe.",
    "=",
    "true",
    "\n",
    "{",
    "}",
    "'''",
    "#",
    "interval_secs=1",
  );
  fc.assert(fc.property(fc.array(line, { maxLength: 20 }), (lines) => void load(lines.join(""))));
});

test("loading returns on any tree of values, and accepts or says why not", () => {
  const name = fc.constantFrom(
    "mode",
    "names",
    "probe",
    "uplink",
    "password",
    "monitor",
    "tags",
    "interval",
    "interval_secs",
    "__proto__",
  );
  const tree = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.array(tie("value")),
      fc.dictionary(name, tie("value")),
    ),
  })).value;
  fc.assert(
    fc.property(tree, (value) => {
      const parsed = sections.backhaul.schema.safeParse(value);
      const result = loadConfig({
        sections,
        env: {},
        text: { path: "t", content: `backhaul = ${JSON.stringify(value).replaceAll('":', '"=')}` },
      });
      if (result.kind === "faults") assert.ok(result.faults.length > 0);
      else assert.ok(parsed.success || JSON.stringify(value).includes("interval_secs"));
    }),
  );
});
