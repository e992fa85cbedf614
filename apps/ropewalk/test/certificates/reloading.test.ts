/** A reload has the certificates read again, whether the configuration has changed or has faults. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { createReloading } from "../../src/compose/reloading.ts";
import { readConfiguration, requireConfiguration } from "../../src/configuration.ts";

const root = mkdtempSync(join(tmpdir(), "ropewalk-reloading-"));
after(() => rmSync(root, { recursive: true }));
const path = join(root, "a.toml");
const write = (tunnel: string) => writeFileSync(path, `[tunnel]\n${tunnel}\n`);

test("a reload reads certificates anew: those of a new configuration, and after a faulty one those of the last that was good", async () => {
  const read = () =>
    readConfiguration({ environment: {}, user: { uid: 0, home: root, temporaryDirectory: root } }, path);
  write('certificate = "first.crt"');
  const clock = new FakeClock();
  const asked: (string | undefined)[] = [];
  const ignored = { reconfigure: () => {} };
  const reload = createReloading({
    ...{ current: requireConfiguration(read()), read, levelOf: (level) => level, backhaul: ignored, steering: ignored },
    mesh: undefined,
    certificates: { use: async ({ certificate }) => void asked.push(certificate) },
    health: new HealthRegistry({ clock }).subsystem("configuration"),
    log: createLog({ level: "error", format: "json", destination: { write: () => {} }, clock }),
  });
  await reload();
  write('certificate = "second.crt"');
  await reload();
  write("use_mtls = false");
  assert.equal((await reload()).kind, "refused");
  assert.deepEqual(asked, ["first.crt", "second.crt", "second.crt"]);
});
