/** Configuration from environment variables and from the files that they name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConfigResult, loadConfig } from "@ropewalk/ops/config";
import { describeFault } from "@ropewalk/ops/config-fault";
import { table } from "@ropewalk/ops/config-schema";
import { secretSchema } from "@ropewalk/ops/secret";
import fc from "fast-check";
import { z } from "zod";
import { sections } from "./sample-sections.ts";

const files: ReadonlyMap<string, string> = new Map([
  ["/run/secrets/password", "hunter2\n"],
  ["/empty", ""],
]);

function load(env: Readonly<Record<string, string>>, content = ""): ConfigResult<typeof sections> {
  return loadConfig({
    sections,
    env,
    text: { path: "ropewalk.toml", content },
    otherNames: ["ROPEWALK_STATE_DIR"],
    readSecretFile: (path) => {
      const text = files.get(path);
      return text === undefined ? { kind: "failed", reason: "no such file" } : { kind: "text", text };
    },
  });
}

function accepted(env: Readonly<Record<string, string>>, content?: string) {
  const result = load(env, content);
  assert.ok(result.kind === "ok", JSON.stringify(result));
  return result;
}

function faults(env: Readonly<Record<string, string>>): readonly string[] {
  const result = load(env);
  return result.kind === "faults" ? result.faults.map(describeFault) : [];
}

test("each type of key is read from its text", () => {
  const { backhaul } = accepted({
    ROPEWALK_BACKHAUL_MODE: "eager",
    ROPEWALK_BACKHAUL_PORT: "8080",
    ROPEWALK_BACKHAUL_NAMES: "eth0, wlan0,",
    ROPEWALK_BACKHAUL_METERED: "true",
    ROPEWALK_BACKHAUL_PROBE_ENABLED: "true",
    ROPEWALK_BACKHAUL_PROBE_INTERVAL: "2m",
    ROPEWALK_BACKHAUL_MONITOR_ONLY: "true",
  }).values;
  assert.deepEqual(
    { ...backhaul, tags: undefined, uplink: undefined },
    {
      mode: "eager",
      port: 8080,
      names: ["eth0", "wlan0"],
      metered: true,
      probe: { enabled: true, interval: 120_000 },
      monitorOnly: true,
      tags: undefined,
      uplink: undefined,
    },
  );
  assert.equal(accepted({ ROPEWALK_BACKHAUL_METERED: "auto" }).values.backhaul.metered, "auto");
});

test("the environment wins over the file, and the origin says so", () => {
  const loaded = accepted({ ROPEWALK_BACKHAUL_MODE: "eager" }, '[backhaul]\nmode = "calm"\n');
  assert.equal(loaded.values.backhaul.mode, "eager");
  assert.equal(loaded.origins.get("backhaul.mode"), "environment ROPEWALK_BACKHAUL_MODE");
});

test("an alias in seconds has its variable too", () => {
  assert.equal(accepted({ ROPEWALK_BACKHAUL_PROBE_INTERVAL_SECS: "0.5" }).values.backhaul.probe.interval, 500);
  assert.deepEqual(faults({ ROPEWALK_BACKHAUL_PROBE_INTERVAL_SECS: "5", ROPEWALK_BACKHAUL_PROBE_INTERVAL: "5s" }), [
    "environment ROPEWALK_BACKHAUL_PROBE_INTERVAL_SECS: backhaul.probe.interval: set twice, also by environment ROPEWALK_BACKHAUL_PROBE_INTERVAL; keep one",
  ]);
});

test("a variable that ends in _FILE names a file with the value, less its last line feed", () => {
  const loaded = accepted({ ROPEWALK_BACKHAUL_PASSWORD_FILE: "/run/secrets/password" });
  assert.equal(loaded.values.backhaul.password?.reveal(), "hunter2");
  assert.equal(loaded.origins.get("backhaul.password"), "secret file /run/secrets/password");
});

test("a value and a file for it are a fault, and so is a file that cannot be read", () => {
  assert.deepEqual(
    faults({
      ROPEWALK_BACKHAUL_PASSWORD_FILE: "/run/secrets/password",
      ROPEWALK_BACKHAUL_PASSWORD: "hunter3",
      ROPEWALK_BACKHAUL_PORT_FILE: "/none",
    }),
    [
      "secret file /run/secrets/password: backhaul.password: set twice, also by environment ROPEWALK_BACKHAUL_PASSWORD; keep one",
      "environment ROPEWALK_BACKHAUL_PORT_FILE: backhaul.port: cannot read /none: no such file",
    ],
  );
});

test("text that is not of the key's type is a fault with what would be", () => {
  assert.deepEqual(
    faults({
      ROPEWALK_BACKHAUL_PORT: "0x10",
      ROPEWALK_BACKHAUL_PROBE_ENABLED: "yes",
      ROPEWALK_BACKHAUL_TAGS: "a",
      ROPEWALK_BACKHAUL_PROBE_INTERVAL: "5",
    }),
    [
      'environment ROPEWALK_BACKHAUL_PORT: backhaul.port = "0x10": expected a number',
      'environment ROPEWALK_BACKHAUL_PROBE_ENABLED: backhaul.probe.enabled = "yes": expected true or false',
      'environment ROPEWALK_BACKHAUL_TAGS: backhaul.tags = "a": can only be set in the configuration file',
      'environment ROPEWALK_BACKHAUL_PROBE_INTERVAL: backhaul.probe.interval = "5": expected a duration such as "250ms", "15s" or "5m"',
    ],
  );
});

test("an unknown variable below a section is a fault with the nearest known one", () => {
  assert.deepEqual(faults({ ROPEWALK_BACKHAUL_PROBE_ENABLE: "true", ROPEWALK_BACKHAUL_WHATEVER_ELSE: "1" }), [
    "environment ROPEWALK_BACKHAUL_PROBE_ENABLE: unknown variable; did you mean ROPEWALK_BACKHAUL_PROBE_ENABLED?",
    "environment ROPEWALK_BACKHAUL_WHATEVER_ELSE: unknown variable",
  ]);
});

test("a variable that is nearly known is a fault also when its section is misspelt", () => {
  assert.deepEqual(faults({ ROPEWALK_BACKHUAL_MODE: "calm", ROPEWALK_STATE_DIRS: "/x" }), [
    "environment ROPEWALK_BACKHUAL_MODE: unknown variable; did you mean ROPEWALK_BACKHAUL_MODE?",
    "environment ROPEWALK_STATE_DIRS: unknown variable; did you mean ROPEWALK_STATE_DIR?",
  ]);
});

test("other variables are left alone", () => {
  assert.deepEqual(
    faults({ ROPEWALK_STATE_DIR: "/x", ROPEWALK_SOMETHING_ELSE: "1", PATH: "/bin", BACKHAUL_MODE: "x" }),
    [],
  );
});

test("a variable of a refused key is told with its advice", () => {
  assert.deepEqual(faults({ ROPEWALK_BACKHAUL_UPLINK_WEIGHT: "3" }), [
    "environment ROPEWALK_BACKHAUL_UPLINK_WEIGHT: is not configured: uplinks are measured",
  ]);
});

test("the text of a variable that may hold a secret is in no fault", () => {
  const schema = table({ access: z.union([secretSchema, z.record(z.string(), secretSchema)]).optional() });
  const result = loadConfig({
    sections: { vault: { name: "vault", schema } },
    env: { ROPEWALK_VAULT_ACCESS: "hunter2" },
  });
  assert.equal(result.kind, "faults");
  assert.doesNotMatch(JSON.stringify(result), /hunter2/);
});

test("loading returns on any environment", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "ROPEWALK_BACKHAUL_MODE",
      "ROPEWALK_BACKHAUL_PORT",
      "ROPEWALK_BACKHAUL_NAMES_FILE",
      "ROPEWALK_LOG_LEVEL",
      "ROPEWALK_BACKHAUL_PROBE_INTERVAL_SECS",
    ),
    fc.string().map((text) => `ROPEWALK_BACKHAUL_${text}`),
    fc.string(),
  );
  fc.assert(fc.property(fc.dictionary(name, fc.string({ unit: "binary" }), { maxKeys: 6 }), (env) => void load(env)));
});

test("a variable that another program had sets the key that it is named for, also by a file", () => {
  const { values, origins } = accepted({ OTHER_PORT: "8081", OTHER_PASSWORD_FILE: "/run/secrets/password" });
  assert.equal(values.backhaul.port, 8081);
  assert.equal(values.backhaul.password?.reveal(), "hunter2");
  assert.equal(origins.get("backhaul.port"), "environment OTHER_PORT");
  assert.deepEqual(faults({ OTHER_PORT: "8081", ROPEWALK_BACKHAUL_PORT: "8082" }), [
    "environment ROPEWALK_BACKHAUL_PORT: backhaul.port: set twice, also by environment OTHER_PORT; keep one",
  ]);
});

test("a variable that another program had and this one has not is refused with the reason; what is like one is left alone", () => {
  const reason = "there is nothing to set: it always works";
  assert.deepEqual(faults({ OTHER_NOOP: "true" }), [`environment OTHER_NOOP: ${reason}`]);
  assert.deepEqual(faults({ OTHER_NOOP_FILE: "/run/x" }), [`environment OTHER_NOOP_FILE: ${reason}`]);
  assert.deepEqual(faults({ OTHER_PORTS: "1", OTHER: "2" }), []);
});

test("what two sections had from another program under one name is set in both", () => {
  const section = (name: string) => ({
    ...{ name, schema: table({ mode: z.string().default("") }), formerVariables: { OTHER_MODE: "mode" } },
  });
  const both = { one: section("one"), two: section("two") };
  const result = loadConfig({ sections: both, env: { OTHER_MODE: "calm" } });
  assert.ok(result.kind === "ok");
  assert.deepEqual(result.values, { one: { mode: "calm" }, two: { mode: "calm" } });
});
