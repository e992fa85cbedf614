import assert from "node:assert/strict";
import { test } from "node:test";
import { backhaulSection } from "@ropewalk/backhaul/config";
import { loadConfig } from "@ropewalk/ops/config";
import { renderConfig } from "@ropewalk/ops/config-render";
import { logSection } from "@ropewalk/ops/log-section";
import { nodeSection, parseLoopback } from "../src/node-config.ts";

test("the HTTP server listens on loopback by default, and no group may use the socket", () => {
  const loaded = loadConfig({ sections: { node: nodeSection }, env: {} });
  assert.deepEqual(loaded.kind === "ok" && loaded.values.node, { http: "127.0.0.1:7410" });
});

test("it can be turned off, and moved by the environment", () => {
  const off = loadConfig({ sections: { node: nodeSection }, env: { ROPEWALK_NODE_HTTP: "off" } });
  assert.equal(off.kind === "ok" && off.values.node.http, "off");
  const moved = loadConfig({ sections: { node: nodeSection }, env: { ROPEWALK_NODE_HTTP: "[::1]:80" } });
  assert.deepEqual(moved.kind === "ok" && moved.values.node.http, "[::1]:80");
});

test("only loopback addresses with a real port are accepted", () => {
  for (const text of [
    "0.0.0.0:80",
    "192.0.2.1:80",
    "127.0.0.1",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.999:1",
    "localhost:1",
    "::1:80",
  ]) {
    assert.equal(parseLoopback(text), undefined, text);
    const refused = loadConfig({ sections: { node: nodeSection }, env: { ROPEWALK_NODE_HTTP: text } });
    assert.equal(refused.kind, "faults", text);
  }
});

test("what config show writes is a file that config check takes, and it says the same", () => {
  const sections = { node: nodeSection, log: logSection, backhaul: backhaulSection };
  const content =
    '[node]\nhttp = "[::1]:7411"\nsocket_group = "ops"\n[[backhaul.uplink]]\ninterface = "wwan*"\nmetered = true\nresolvers = ["192.0.2.53"]\n';
  const first = loadConfig({ sections, text: { path: "a.toml", content }, env: { ROPEWALK_LOG_LEVEL: "debug" } });
  assert.ok(first.kind === "ok", JSON.stringify(first));
  const again = loadConfig({ sections, text: { path: "b.toml", content: renderConfig(first) }, env: {} });
  assert.ok(again.kind === "ok", JSON.stringify(again));
  assert.deepEqual(again.values, first.values);
});
