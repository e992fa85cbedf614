/** docs/operating/steering.md, held to the program: its table of keys is the defaults, its numbers are those that are taken. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { steeringActFields, steeringSchema } from "@ropewalk/api/steering";
import { backhaulSection } from "@ropewalk/backhaul/config";
import { routingProtocol, routingTables, rulePriorities } from "@ropewalk/host/allocations";
import { loadConfig } from "@ropewalk/ops/config";
import { z } from "zod";

const page = readFileSync(join(import.meta.dirname, "../../../docs/operating/steering.md"), "utf8");
const keys = page.slice(page.indexOf("## Keys of"), page.indexOf("## See what it does"));
const rows = [...keys.matchAll(/^\| `([a-z_.]+)` \| `(.*?)` \|/gm)].map(([, key = "", text = ""]) => ({ key, text }));

function configured(content: string) {
  const text = { path: "steering.md", content };
  const loaded = loadConfig({ sections: { backhaul: backhaulSection }, text, env: {} });
  assert.ok(loaded.kind === "ok", JSON.stringify(loaded));
  return loaded.values.backhaul;
}

test("every key of moving traffic is in the table, with the program's default", () => {
  assert.deepEqual(
    rows.map(({ key }) => key),
    ["monitor_only", "mode", "execute_commands", "confirm_within", "drain_grace", "dns.follow"],
  );
  const content = rows.map(({ key, text }) => `backhaul.${key} = ${text}`).join("\n");
  assert.deepEqual(configured(content), configured(""));
});

test("tables, priorities and the protocol number are those that are taken", () => {
  const { first, last } = routingTables;
  assert.ok(page.includes(`tables ${first} to ${last}`));
  assert.ok(page.includes(`protocol ${routingProtocol}`));
  const told = [...page.matchAll(/^\| (\d+(?:, \d+)*) \|/gm)].flatMap(([, list = ""]) => list.split(", ").map(Number));
  assert.deepEqual(told, Object.values(rulePriorities));
});

test("every standing and every action is explained", () => {
  const standings = z.toJSONSchema(steeringSchema).properties?.["standing"];
  const actions = z.toJSONSchema(steeringActFields.action);
  const words = [standings, actions].flatMap((schema) => (typeof schema === "object" ? (schema.enum ?? []) : []));
  assert.ok(words.length > 10, "the schemas list them");
  for (const word of words) assert.ok(page.includes(`\`${word}\``), `${word} is not explained`);
});
