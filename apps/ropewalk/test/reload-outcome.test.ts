import assert from "node:assert/strict";
import { test } from "node:test";
import { appliedOutcome, refusedOutcome } from "../src/local-api/reload-outcome.ts";

test("keys whose making is in use take effect with the next start only", () => {
  const fixed = ["node.http", "backhaul.probe.ca_file"];
  assert.deepEqual(appliedOutcome([...fixed, "log.level", "backhaul.uplink[0].metered"]), {
    kind: "applied",
    document: { applied: ["log.level", "backhaul.uplink[0].metered"], needsRestart: fixed },
  });
});

test("a fault keeps its place, its value and where it was set", () => {
  const fault = { path: "node.http", value: '"x"', reason: "expected a loopback address", origin: "/etc/r.toml:3" };
  const outcome = refusedOutcome([
    fault,
    { path: "", value: undefined, reason: "there is no such file", origin: "/a.toml" },
  ]);
  assert.deepEqual(outcome.kind === "refused" && outcome.faults, [
    { path: "node.http", value: '"x"', reason: "expected a loopback address (/etc/r.toml:3)" },
    { path: "/a.toml", value: null, reason: "there is no such file" },
  ]);
});
