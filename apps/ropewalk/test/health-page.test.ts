/** docs/operating/health.md, held to the program: its table of keys, taken as a configuration, is the defaults. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { reasonCodesByState } from "@ropewalk/api/http";
import { backhaulSection } from "@ropewalk/backhaul/config";
import { loadConfig } from "@ropewalk/ops/config";

const page = readFileSync(join(import.meta.dirname, "../../../docs/operating/health.md"), "utf8");

function configured(content: string) {
  const loaded = loadConfig({ sections: { backhaul: backhaulSection }, text: { path: "health.md", content }, env: {} });
  assert.ok(loaded.kind === "ok", JSON.stringify(loaded));
  return loaded.values.backhaul;
}

const rows = [...page.matchAll(/^\| `([a-z_.]+)` \| (.*?) \| .*\|$/gm)]
  .map(([, key = "", standard = ""]) => ({ key, standard }))
  .filter(({ key }) => key.includes("."));

test("every default in the table is the program's", () => {
  const written = rows.filter(({ standard }) => standard.startsWith("`"));
  const content = written.map(({ key, standard }) => `backhaul.${key} = ${standard.slice(1, -1)}`).join("\n");
  assert.deepEqual(configured(content), configured(""));
});

test("every key is in the table", () => {
  const {
    monitorOnly: _,
    executeCommands: __,
    confirmWithin: ___,
    drainGrace: ____,
    uplink: _____,
    mode: ______,
    ...tables
  } = configured("");
  const known = new Set(rows.map(({ key }) => key));
  assert.deepEqual(
    keysOf(tables).filter((key) => !known.has(key)),
    [],
  );
});

test("every state and every reason is explained", () => {
  const described = page.slice(page.indexOf("## States and reasons"), page.indexOf("## How a verdict"));
  for (const code of [...Object.keys(reasonCodesByState), ...Object.values(reasonCodesByState).flat()]) {
    assert.ok(described.includes(`\`${code}\``), code);
  }
});

/** Dotted names in snake_case; lists and values are leaves. */
function keysOf(table: object): readonly string[] {
  return Object.entries(table).flatMap(([name, value]): readonly string[] => {
    const key = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (value === undefined) return [];
    const isTable = typeof value === "object" && !Array.isArray(value);
    return isTable ? keysOf(value).map((inner) => `${key}.${inner}`) : [key];
  });
}
