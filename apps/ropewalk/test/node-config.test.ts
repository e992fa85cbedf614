import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@ropewalk/ops/config";
import { nodeSection, parseLoopback } from "../src/node-config.ts";

test("the HTTP server listens on loopback by default, and no group may use the socket", () => {
  const loaded = loadConfig({ sections: { node: nodeSection }, env: {} });
  assert.deepEqual(loaded.kind === "ok" && loaded.values.node, { http: { host: "127.0.0.1", port: 7410 } });
});

test("it can be turned off, and moved by the environment", () => {
  const off = loadConfig({ sections: { node: nodeSection }, env: { ROPEWALK_NODE_HTTP: "off" } });
  assert.equal(off.kind === "ok" && off.values.node.http, "off");
  const moved = loadConfig({ sections: { node: nodeSection }, env: { ROPEWALK_NODE_HTTP: "[::1]:80" } });
  assert.deepEqual(moved.kind === "ok" && moved.values.node.http, { host: "::1", port: 80 });
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
