/** A database that was restored from a backup: its counters are behind what nodes have seen, and it does not know whom they carry. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { backup } from "@ropewalk/entry/io/backup";
import { migrate } from "@ropewalk/entry/io/migrate";
import { readMigrations } from "@ropewalk/entry/io/migration-files";
import { restore } from "@ropewalk/entry/io/restore";
import { usualControl } from "@ropewalk/entry/vpn-control-settings";
import { freshDatabase } from "../../../../../packages/entry/test/system/server-place.ts";
import { admin, ControlScene, Replica, requestOf } from "./control-scene.ts";
import { settle } from "./settled.ts";

test("nodes are told what the backup knows, and its counters go on behind what they have seen", async () => {
  await using scene = await ControlScene.open();
  const folder = mkdtempSync(join(tmpdir(), "ropewalk-restore-"));
  try {
    const before = await scene.replica();
    const node = await scene.exit(before, "kept", { region: "eu" });
    const [kept, ended, later] = await scene.customers(3);
    assert.ok(kept !== undefined && ended !== undefined && later !== undefined);
    const first = await before.control.start(requestOf(kept));
    const second = await before.control.start(requestOf(ended));
    assert.ok(first.kind === "active" && second.kind === "active");
    await backup(scene.database, join(folder, "backup"), new Date());
    // What the backup will not know.
    await before.control.end(second.session.id, undefined, admin, AbortSignal.timeout(30_000));
    const third = await before.control.start(requestOf(later));
    assert.ok(third.kind === "active");
    const seen = node.exit.table.latest();

    const { settings, database } = await freshDatabase(scene.server);
    await using _restored = database;
    await restore(database, join(folder, "backup"), await readMigrations());
    await migrate(database, await readMigrations());
    await using replica = await Replica.start(settings, scene.entryFiles, usualControl);
    await scene.beat(node.exit, replica);
    const row = await database.kysely.selectFrom("nodes").select("generation").executeTakeFirstOrThrow();
    assert.ok(Number(row.generation) >= seen);
    await settle(database, [node]);
    const again = await replica.control.start(requestOf(later));
    assert.ok(again.kind === "active", JSON.stringify(again));
    await settle(database, [node]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
