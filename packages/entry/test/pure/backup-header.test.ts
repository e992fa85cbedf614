import assert from "node:assert/strict";
import { test } from "node:test";
import { readHeader, readPart } from "@ropewalk/entry/pure/backup-header";
import fc from "fast-check";

const header = {
  ...{ kind: "ropewalk-entry-backup", format: 1, madeAt: "2026-11-22T00:00:00.000Z" },
  migrations: [{ number: 1, name: "0001-ground", checksum: "0".repeat(64) }],
};

test("a header is read as it was written", () => {
  assert.deepEqual(readHeader(JSON.stringify(header)), { kind: "header", header });
});

test("a later format is newer, whatever else it has; anything else is none", () => {
  assert.equal(readHeader(JSON.stringify({ ...header, format: 2, more: true })).kind, "newer");
  const others = [{ ...header, kind: "x" }, { ...header, more: 1 }, { ...header, migrations: [] }, null, 7, []];
  for (const other of others) assert.equal(readHeader(JSON.stringify(other)).kind, "none");
  const second = { ...header.migrations[0], number: 2 };
  assert.equal(readHeader(JSON.stringify({ ...header, migrations: [second] })).kind, "none");
});

test("no line is thrown at", () => {
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc.anything().map((value) => JSON.stringify(value) ?? ""),
  );
  fc.assert(
    fc.property(line, (text) => {
      assert.ok(["header", "newer", "none"].includes(readHeader(text).kind));
      assert.ok(["table", "end", undefined].includes(readPart(text)?.kind));
    }),
    { numRuns: 4_000 },
  );
});
