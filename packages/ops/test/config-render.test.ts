/** The configuration as `config show` prints it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@ropewalk/ops/config";
import { changedPaths } from "@ropewalk/ops/config-changes";
import { renderConfig } from "@ropewalk/ops/config-render";
import fc from "fast-check";
import { sections } from "./sample-sections.ts";

function load(content: string, env: Readonly<Record<string, string>> = {}) {
  const result = loadConfig({ sections, env, text: { path: "ropewalk.toml", content } });
  assert.ok(result.kind === "ok", JSON.stringify(result));
  return result;
}

test("each line that is no default says where its value came from; a secret shows as [secret]", () => {
  const loaded = load(
    '[backhaul]\npassword = "hunter2"\ntags = { "a b" = "c" }\n[[backhaul.uplink]]\nname = "eth0"\n',
    {
      ROPEWALK_BACKHAUL_PORT: "8080",
    },
  );
  assert.equal(
    renderConfig(loaded),
    `[backhaul]
monitor_only = true
mode = "calm"
port = 8080 # environment ROPEWALK_BACKHAUL_PORT
names = []
password = "[secret]" # file
metered = "auto"
tags = { "a b" = "c" } # file

[backhaul.probe]
enabled = false
interval = "15s"

[[backhaul.uplink]]
name = "eth0" # file

[log]
level = "info"
format = "auto"
`,
  );
});

test("what is shown loads again to the same values", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 8 });
  const config = fc.record({
    names: fc.array(text, { maxLength: 4 }),
    port: fc.integer({ min: 1, max: 65_535 }),
    tags: fc.dictionary(
      text.filter((key) => key !== "__proto__"),
      text,
      { maxKeys: 3 },
    ),
    uplink: fc.array(fc.record({ name: text, metered: fc.boolean() }), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(config, ({ uplink, ...plain }) => {
      const tables = uplink.map((one) => `[[backhaul.uplink]]\n${keyValues(one)}`);
      const first = load(`[backhaul]\n${keyValues(plain)}${tables.join("")}`);
      const shown = renderConfig(first);
      const second = load(shown);
      assert.deepEqual(changedPaths(first.values, second.values), []);
      assert.equal(renderConfig(second).replaceAll(" # file", ""), shown.replaceAll(" # file", ""));
    }),
  );
});

/** Written by JSON, which TOML's inline forms share but for the colon. */
function keyValues(values: object): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} = ${inline(value)}\n`)
    .join("");
}

function inline(value: unknown): string {
  if (Array.isArray(value) || typeof value !== "object" || value === null)
    return JSON.stringify(value).replaceAll("\u007f", "\\u007f");
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${inline(key)} = ${inline(inner)}`)
    .join(", ")} }`;
}
