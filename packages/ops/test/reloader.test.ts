/** Reloading: a configuration with a fault changes nothing but the health. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "@ropewalk/kernel/fake-clock";
import { type ConfigResult, loadConfig } from "@ropewalk/ops/config";
import { hostPort } from "@ropewalk/ops/config-places";
import { table } from "@ropewalk/ops/config-schema";
import type { ConfigSection } from "@ropewalk/ops/config-section";
import { HealthRegistry } from "@ropewalk/ops/health";
import { createLog } from "@ropewalk/ops/log";
import { Reloader } from "@ropewalk/ops/reloader";
import { z } from "zod";
import { sections } from "./sample-sections.ts";

type Loaded = ConfigResult<typeof sections>;

const load = (content: string): Loaded => loadConfig({ sections, env: {}, text: { path: "ropewalk.toml", content } });

function start(next: () => Loaded | Promise<Loaded>, apply: (changed: readonly string[]) => void = () => {}) {
  const clock = new FakeClock();
  const health = new HealthRegistry({ clock });
  const lines: string[] = [];
  const log = createLog({
    level: "info",
    format: "json",
    destination: { write: (line) => void lines.push(line) },
    clock,
  });
  const current = load("");
  assert.ok(current.kind === "ok");
  const reloader = new Reloader({
    current,
    load: next,
    apply: (_values, changed) => apply(changed),
    health: health.subsystem("configuration"),
    log,
  });
  return { reloader, lines, state: () => health.snapshot().subsystems[0] };
}

function quiet() {
  const clock = new FakeClock();
  const log = createLog({ level: "info", format: "json", destination: { write: () => {} }, clock });
  return { health: new HealthRegistry({ clock }).subsystem("configuration"), log };
}

test("a good file is applied with the keys that changed, and becomes what runs", async () => {
  const applied: (readonly string[])[] = [];
  const { reloader, state } = start(
    () => load('[log]\nlevel = "debug"\n'),
    (changed) => applied.push(changed),
  );
  await reloader.reload();
  await reloader.reload();
  assert.deepEqual(applied, [["log.level"]]);
  assert.equal(reloader.current.values.log.level, "debug");
  assert.equal(state()?.state, "healthy");
});

test("a setting that is read into several parts is named as it is written, also in a list and in a list's tables", async () => {
  const ends: ConfigSection<unknown> = {
    name: "ends",
    schema: table({
      at: hostPort.prefault("a.example:1"),
      others: z.array(hostPort).default([]),
      end: z.array(table({ at: hostPort })).default([]),
    }),
  };
  const read = (content: string) => loadConfig({ sections: { ends }, env: {}, text: { path: "a.toml", content } });
  const text = (port: number) =>
    `[ends]\nat = "a.example:${port}"\nothers = ["a.example:9", "b.example:${port}"]\n[[ends.end]]\nat = "c.example:${port}"\n`;
  const current = read(text(1));
  assert.ok(current.kind === "ok");
  const applied: (readonly string[])[] = [];
  const reloader = new Reloader({
    ...{ current, load: () => read(text(2)), apply: (_values, changed) => void applied.push(changed) },
    ...quiet(),
  });
  await reloader.reload();
  assert.deepEqual(applied, [["ends.at", "ends.others[1]", "ends.end[0].at"]]);
});

test("a file with faults changes nothing; each fault is logged, and health tells until a good one comes", async () => {
  let content = '[log]\nlevel = "loud"\nformat = 3\n';
  const { reloader, lines, state } = start(
    () => load(content),
    () => assert.fail("must not be applied"),
  );
  await reloader.reload();
  assert.equal(reloader.current.values.log.level, "info");
  assert.equal(lines.filter((line) => line.includes("configuration not accepted")).length, 2);
  assert.equal(state()?.state, "degraded");
  assert.match(
    state()?.reason ?? "",
    /^configuration file not accepted: ropewalk\.toml:2: log\.level = "loud": .* \(and 1 more\)$/,
  );
  content = "";
  await reloader.reload();
  assert.equal(state()?.state, "healthy");
});

test("a file that cannot be read, and a change that cannot be applied, leave the daemon as it was", async () => {
  const unreadable = start(() => {
    throw new Error("EACCES");
  });
  await unreadable.reloader.reload();
  assert.equal(unreadable.state()?.state, "degraded");
  const inapplicable = start(
    () => load('[log]\nlevel = "debug"\n'),
    () => {
      throw new Error("no");
    },
  );
  await inapplicable.reloader.reload();
  assert.equal(inapplicable.reloader.current.values.log.level, "info");
  assert.equal(inapplicable.state()?.reason, "configuration file not accepted: no");
});

test("requests during a reload cause one more after it, and not one each", async () => {
  const { promise, resolve } = Promise.withResolvers<Loaded>();
  let loads = 0;
  const { reloader } = start(() => {
    loads += 1;
    return loads === 1 ? promise : load("");
  });
  const first = reloader.reload();
  const others = [reloader.reload(), reloader.reload(), reloader.reload()];
  resolve(load(""));
  await Promise.all([first, ...others]);
  assert.equal(loads, 2);
});
