/** The configuration is read again: the mesh goes on by it, or says what cannot be had and nothing of the node changes. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import type { MeshConfig } from "@ropewalk/mesh/config";
import { MeshError } from "@ropewalk/mesh/errors";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createReloading, type ReloadingOptions } from "../../src/compose/reloading.ts";
import { readConfiguration, requireConfiguration } from "../../src/configuration.ts";

const root = mkdtempSync(join(tmpdir(), "ropewalk-mesh-reloading-"));
after(() => rmSync(root, { recursive: true }));
const path = join(root, "a.toml");
const read = () => readConfiguration({ environment: {}, user: { uid: 0, home: root, temporaryDirectory: root } }, path);

/** A node that was started with this text. */
function scene(text: string, mesh: ReloadingOptions["mesh"]) {
  writeFileSync(path, text);
  const clock = new FakeClock();
  const health = new HealthRegistry({ clock });
  const applied: string[] = [];
  const backhaul = { reconfigure: () => void applied.push("backhaul") };
  const reload = createReloading({
    ...{ current: requireConfiguration(read()), read, levelOf: (level) => level, backhaul, steering: backhaul, mesh },
    certificates: { use: async () => {} },
    health: health.subsystem("configuration"),
    log: createLog({ level: "error", format: "json", destination: { write: () => {} }, clock }),
  });
  const again = (written: string) => {
    writeFileSync(path, written);
    return reload();
  };
  return { again, applied, isWell: () => health.snapshot().subsystems.every(({ state }) => state === "healthy") };
}

function recorded() {
  const taken: MeshConfig[] = [];
  return { taken, mesh: { reconfigure: async (config: MeshConfig) => void taken.push(config) } };
}

test("the mesh is given the new table, and the answer names what is in force and what is not yet", async () => {
  const { taken, mesh } = recorded();
  const { again } = scene("[mesh]", mesh);
  const outcome = await again('[mesh]\nkind = "open"\npreset = "constrained"\n[[mesh.peer]]\nat = "hub.example:7412"');
  assert.equal(taken[0]?.kind, "open");
  assert(outcome.kind === "applied");
  for (const key of ["mesh.kind", "mesh.peer[0]", "mesh.transport.max_links"])
    assert.ok(outcome.document.applied.includes(key), `${key} in ${outcome.document.applied.join()}`);
  assert.deepEqual(outcome.document.needsRestart, ["mesh.preset", "mesh.routing.max_routes"]);
});

test("of another table the mesh is told nothing", async () => {
  const { taken, mesh } = recorded();
  assert.equal((await scene("[mesh]", mesh).again('[mesh]\n[log]\nlevel = "error"')).kind, "applied");
  assert.deepEqual(taken, []);
});

test("what cannot be had is told, and nothing else of the configuration is in force until it can", async () => {
  let isTaken = true;
  const reconfigure = async () => {
    if (isTaken) throw new MeshError("MESH_LISTEN", "cannot accept links at ::1 port 1");
  };
  const { again, applied, isWell } = scene("[mesh]", { reconfigure });
  const wanted = '[mesh]\ntransport.listen = ["[::1]:1"]\n[log]\nlevel = "error"';
  const outcome = await again(wanted);
  assert(outcome.kind === "refused");
  assert.match(outcome.detail, /cannot accept links at ::1 port 1/);
  assert.deepEqual([applied, isWell()], [[], false]);
  isTaken = false;
  const second = await again(wanted);
  assert.deepEqual(second.kind === "applied" && second.document.applied, ["log.level", "mesh.transport.listen[0]"]);
  assert.ok(isWell());
});

test("a table that comes or goes needs a restart, and until then the mesh goes on as it is", async () => {
  const { taken, mesh } = recorded();
  const gone = await scene("[mesh]", mesh).again("");
  const come = await scene("", undefined).again("[mesh]");
  for (const outcome of [gone, come])
    assert.deepEqual(outcome.kind === "applied" && outcome.document, { applied: [], needsRestart: ["mesh"] });
  const failed = await scene("[mesh]", undefined).again('[mesh]\nkind = "open"');
  assert.deepEqual(failed.kind === "applied" && failed.document.needsRestart, ["mesh.kind"]);
  assert.deepEqual(taken, []);
});
