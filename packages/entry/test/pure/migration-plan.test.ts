import assert from "node:assert/strict";
import { test } from "node:test";
import { type Migration, orderMigrations, planMigrations } from "@ropewalk/entry/pure/migration-plan";

const migration = (number: number, checksum = `sum ${number}`): Migration => ({
  ...{ number, name: `000${number}-step`, sql: "", checksum },
});
const [one, two, three] = [migration(1), migration(2), migration(3)];

test("an empty database gets all, one that has some the rest, one that has all nothing", () => {
  assert.deepEqual(planMigrations([one, two, three], []), { kind: "apply", next: [one, two, three] });
  assert.deepEqual(planMigrations([one, two, three], [one, two]), { kind: "apply", next: [three] });
  assert.deepEqual(planMigrations([one, two], [one, two]), { kind: "apply", next: [] });
});

test("a database that has more than is known is newer", () => {
  assert.deepEqual(planMigrations([one], [one, two]), { kind: "newer", number: 2 });
});

test("one that was applied and is another now is told, and told before that the database is newer", () => {
  const other = migration(1, "other");
  assert.deepEqual(planMigrations([other, two], [one]), { kind: "changed", migration: one });
  assert.deepEqual(planMigrations([other], [one, two]), { kind: "changed", migration: one });
});

test("files are in order by their numbers, without a gap, and named for what they do", () => {
  assert.deepEqual(orderMigrations(["0002-b.sql", "0001-a-c.sql"]), { kind: "ordered", names: ["0001-a-c", "0002-b"] });
  for (const files of [
    ["0002-a.sql"],
    ["0001-a.sql", "0003-c.sql"],
    ["0001-a.sql", "0001-b.sql"],
    ["1-a.sql"],
    ["0001.sql"],
  ])
    assert.equal(orderMigrations(files).kind, "fault", files.join());
});
