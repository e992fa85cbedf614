/** What is written to the file of a backup is read from it again, in pieces that end where a row does; and any other file does no harm. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { BackupReader, BackupWriter } from "@ropewalk/entry/io/backup-file";
import { endOfRows } from "@ropewalk/entry/pure/backup-header";
import fc from "fast-check";

const folder = mkdtempSync(join(tmpdir(), "backup-file-"));
after(() => rmSync(folder, { recursive: true }));

async function rowsOf(reader: BackupReader): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of reader.rows()) {
    assert.equal(piece.at(-1), 0x0a);
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces).toString();
}

test("lines and rows are read as they were written, also when they are longer than what is read at once", async () => {
  const row = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.integer({ min: 1, max: 600_000 }).map((length) => "x".repeat(length)),
  );
  // COPY writes neither of the two as it is.
  const rows = fc.array(
    row.map((text) => text.replaceAll("\\", "").replaceAll("\n", "").toWellFormed()),
    { maxLength: 6 },
  );
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(rows, { maxLength: 4 }), async (tables) => {
      number += 1;
      const path = join(folder, `${number}`);
      {
        await using writer = await BackupWriter.create(path);
        for (const [index, table] of tables.entries()) {
          await writer.line(`table ${index}`);
          for (const text of table) await writer.line(text);
          await writer.line(endOfRows);
        }
        await writer.line(writer.sum());
        await writer.finish();
      }
      await using reader = await BackupReader.open(path);
      for (const [index, table] of tables.entries()) {
        assert.equal((await reader.line())?.text, `table ${index}`);
        assert.equal(await rowsOf(reader), table.map((text) => `${text}\n`).join(""));
      }
      const last = await reader.line();
      assert.equal(last?.text, last?.sum);
      assert.equal(await reader.line(), undefined);
      const whole = readFileSync(path);
      const before = whole.subarray(0, whole.length - 65);
      assert.equal(last?.sum, createHash("sha256").update(before).digest("hex"));
    }),
    { numRuns: 60 },
  );
});

test("a file of anything is read to its end or told to be damaged, and nothing of it is lost or made up", async () => {
  const path = join(folder, "anything");
  const text = fc.string({ unit: fc.constantFrom("\\", ".", "\n", "a", "\\.\n", "\n\\.\n"), maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(text, async (written) => {
      writeFileSync(path, written);
      await using reader = await BackupReader.open(path);
      let read = "";
      try {
        for (let turn = 0; ; turn += 1) {
          if (turn % 2 === 0) {
            const line = await reader.line();
            if (line === undefined) break;
            read += `${line.text}\n`;
          } else read += `${await rowsOf(reader)}${endOfRows}\n`;
        }
        assert.equal(read, written);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "ENTRY_BACKUP_DAMAGED");
        assert.ok(written.startsWith(read));
      }
    }),
    { numRuns: 2_000 },
  );
});

test("what is no regular file is not waited for", async () => {
  await assert.rejects(BackupReader.open("/dev/zero"), { code: "ENTRY_BACKUP_FILE", message: /no regular file/ });
  await assert.rejects(BackupReader.open(folder), { code: "ENTRY_BACKUP_FILE" });
  await assert.rejects(BackupReader.open(join(folder, "nothing")), { code: "ENTRY_BACKUP_FILE" });
});
