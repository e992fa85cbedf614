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

test("what a node of the mesh is made of needs a restart, and the rest of its table none; without a mesh all of it does", () => {
  const fixed = ["mesh.preset", "mesh.identity.file", "mesh.routing.max_routes", "mesh.store.max_custody_bytes"];
  const changed = [...fixed, "mesh.peer[0].at", "mesh.transport.listen[0]"];
  assert.deepEqual(appliedOutcome(changed), {
    kind: "applied",
    document: { applied: ["mesh.peer[0].at", "mesh.transport.listen[0]"], needsRestart: fixed },
  });
  assert.deepEqual(appliedOutcome(["mesh", "log.level"]), {
    kind: "applied",
    document: { applied: ["log.level"], needsRestart: ["mesh"] },
  });
  assert.deepEqual(appliedOutcome([...changed, "log.level"], ["mesh"]), {
    kind: "applied",
    document: { applied: ["log.level"], needsRestart: changed },
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
