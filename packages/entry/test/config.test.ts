/** How entry is set: what it takes, what it refuses, and by which names it was known before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { entrySection } from "@ropewalk/entry/config";
import { configuredGates } from "@ropewalk/entry/pure/production-gates";
import { loadConfig } from "@ropewalk/ops/config";

function read(toml: string, env: Readonly<Record<string, string>> = {}, files: Readonly<Record<string, string>> = {}) {
  const text = { path: "ropewalk.toml", content: toml };
  return loadConfig({
    ...{ sections: { entry: entrySection }, text, env },
    readSecretFile: (path) => ({ kind: "text", text: files[path] ?? "" }),
  });
}

function entryOf(...given: Parameters<typeof read>) {
  const result = read(...given);
  assert.ok(result.kind === "ok", JSON.stringify(result));
  return result.values.entry;
}

test("nothing needs to be given", () => {
  const entry = entryOf("");
  assert.deepEqual([entry.http.listen, entry.nodes.listen, entry.database.url], ["127.0.0.1:7440", "off", undefined]);
  assert.deepEqual([entry.tokens.lifetime, entry.nodes.freshness], [900_000, 60_000]);
});

test("the names of before set the same", () => {
  const entry = entryOf(
    "",
    {
      ...{ APP_ENV: "production", DATABASE_URL: "postgres://a@b/c", ENTRY_BIND_ADDR: "127.0.0.1:8080" },
      ...{ APP_NODE_FRESHNESS_SECS: "45", APP_JWT_ACTIVE_KID: "b", ADMIN_API_TOKEN_FILE: "/key" },
      APP_JWT_SIGNING_KEYS_FILE: "/keys",
    },
    { "/key": "one\ntwo\n", "/keys": "a:1,b:2" },
  );
  assert.deepEqual(
    [entry.environment, entry.http.listen, entry.nodes.freshness],
    ["production", "127.0.0.1:8080", 45_000],
  );
  assert.equal(entry.database.url?.reveal(), "postgres://a@b/c");
  assert.equal(entry.admin.keys?.reveal(), "one\ntwo");
  assert.deepEqual([entry.tokens.keys?.reveal(), entry.tokens.activeKid], ["a:1,b:2", "b"]);
});

test("names of before that have no heir are refused with the reason", () => {
  for (const name of Object.keys(entrySection.refusedVariables ?? {})) {
    const result = read("", { [name]: "true" });
    assert.ok(result.kind === "faults" && result.faults[0]?.reason !== undefined, name);
  }
});

test("plain HTTP stays on loopback, unless only listed proxies are answered", () => {
  assert.equal(read('[entry.http]\nlisten = "0.0.0.0:7440"').kind, "faults");
  const { http } = entryOf('[entry.http]\nlisten = "0.0.0.0:7440"\ntrusted_proxies = ["10.0.0.5", "2001:db8::/32"]');
  assert.deepEqual(http.trustedProxies, [
    { address: "10.0.0.5", length: 32 },
    { address: "2001:db8::", length: 32 },
  ]);
  entryOf('[entry.http]\nlisten = "0.0.0.0:7440"\ncertificate = "a"\nkey = "b"');
  for (const one of ["0.0.0.0/0", "::/0", "10.0.0.0/33", "proxy"])
    assert.equal(read(`[entry.http]\ntrusted_proxies = ["${one}"]`).kind, "faults", one);
  assert.equal(read('[entry.http]\ncertificate = "a"').kind, "faults");
  assert.equal(read('[entry.nodes]\nlisten = "0.0.0.0:7441"').kind, "faults");
});

test("what is for trials warns where one tries, and fails in production", () => {
  const trial = {
    database: "own",
    http: "loopback",
    adminKeys: "own",
    tokenKeys: "own",
    presharedSecret: "own",
    nodes: "off",
  } as const;
  const states = (facts: Parameters<typeof configuredGates>[0]) => configuredGates(facts).map(({ state }) => state);
  assert.deepEqual(states({ environment: "development", ...trial }), [
    "warns",
    "passes",
    "warns",
    "warns",
    "warns",
    "warns",
  ]);
  assert.deepEqual(states({ environment: "production", ...trial }), [
    "fails",
    "passes",
    "fails",
    "fails",
    "fails",
    "fails",
  ]);
  const right = {
    database: "verified",
    http: "tls",
    adminKeys: "given",
    tokenKeys: "given",
    presharedSecret: "given",
    nodes: "listening",
  } as const;
  assert.ok(states({ environment: "production", ...right }).every((state) => state === "passes"));
  assert.equal(states({ environment: "production", ...right, database: "unverified" })[0], "fails");
});
