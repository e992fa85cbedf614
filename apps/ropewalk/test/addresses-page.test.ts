/** docs/operating/addresses.md, held to the program: its example is a configuration, its files are there, its command is the plan's. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { backhaulSection } from "@ropewalk/backhaul/config";
import { leaseCommand } from "@ropewalk/backhaul/pure/steering/plan-text";
import { loadConfig } from "@ropewalk/ops/config";

const root = join(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs/operating/addresses.md"), "utf8");

test("the example gives one uplink to Ropewalk", () => {
  const [, content = ""] = /^```toml\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const text = { path: "addresses.md", content };
  const loaded = loadConfig({ sections: { backhaul: backhaulSection }, text, env: {} });
  assert.ok(loaded.kind === "ok", JSON.stringify(loaded));
  assert.deepEqual(
    loaded.values.backhaul.uplink.map(({ selector, addresses }) => [selector, addresses]),
    [[{ kind: "interface", pattern: "wan1" }, "dhcp"]],
  );
});

test("the drop-in that it installs is there, and the plan says what it says", () => {
  const [file = ""] = /deploy\/systemd\/\S+\.conf/.exec(page) ?? [];
  assert.ok(existsSync(join(root, file)), file);
  const link = { ifindex: 2, name: "wan1", isEnabled: true, hasCarrier: true, master: undefined };
  assert.ok(page.includes(`\`${leaseCommand(link)}\``));
});
