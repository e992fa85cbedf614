/**
 * A backup: all rows of one moment, by COPY, so that they can be put back on every PostgreSQL from 15 on, own or given, with no program but this one
 * (docs/decisions/2026-11-22-entry-backs-up-by-copy.md).
 */
import { to as copyTo } from "pg-copy-streams";
import { EntryError } from "../errors.ts";
import { type BackupEnd, type BackupHeader, type BackupTable, backupFormat, endOfRows } from "../pure/backup-header.ts";
import { BackupWriter } from "./backup-file.ts";
import type { Database } from "./database.ts";
import { databaseError } from "./database-error.ts";
import type { LoneConnection } from "./lone-connection.ts";
import { appliedMigrations, holdMigrations } from "./migrate.ts";
import { quoted, type TableShape, tableShapes } from "./table-shapes.ts";

/** How many there are in each table. */
export type BackupRows = BackupEnd["rows"];

/**
 * Writes the backup to `path`, where nothing may be, whole or not at all; entry goes on beside it, and only migrations wait. Throws
 * ENTRY_BACKUP_FILE, and what keeps the database from answering.
 */
export async function backup(database: Database, path: string, madeAt: Date): Promise<BackupRows> {
  await using gate = await database.alone();
  return await gate.transaction("read only", async () => {
    // Before the other's first look, which is the moment of the backup.
    await holdMigrations(gate);
    await using file = await BackupWriter.create(path);
    await using connection = await database.alone();
    const rows = await connection.transaction("isolation level repeatable read read only", () =>
      writeAll(connection, file, madeAt),
    );
    await file.finish();
    return rows;
  });
}

async function writeAll(connection: LoneConnection, file: BackupWriter, madeAt: Date): Promise<BackupRows> {
  const migrations = [...(await appliedMigrations(connection))];
  if (migrations.length === 0) {
    const what = "the database has no tables of entry's, so there is nothing to back up";
    throw new EntryError("ENTRY_DATABASE_REFUSED", `${what}. See whether it is the right one`);
  }
  const header: BackupHeader = {
    ...{ kind: "ropewalk-entry-backup", format: backupFormat },
    ...{ madeAt: madeAt.toISOString(), migrations },
  };
  await file.line(JSON.stringify(header));
  const rows: Record<string, number> = {};
  for (const shape of await tableShapes(connection)) rows[shape.name] = await writeTable(connection, file, shape);
  const end: BackupEnd = { kind: "end", rows, sha256: file.sum() };
  await file.line(JSON.stringify(end));
  return rows;
}

async function writeTable(
  connection: LoneConnection,
  file: BackupWriter,
  { name, columns }: TableShape,
): Promise<number> {
  const head: BackupTable = { kind: "table", table: name, columns: [...columns] };
  await file.line(JSON.stringify(head));
  const stream = copyTo(`copy ${quoted(name)} (${columns.map(quoted).join(", ")}) to stdout`);
  let rows = 0;
  try {
    for await (const piece of connection.client.query(stream) as AsyncIterable<Buffer>) {
      for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, at + 1)) rows += 1;
      await file.write(piece);
    }
  } catch (error) {
    throw databaseError(error);
  }
  await file.line(endOfRows);
  return rows;
}

const newline = 0x0a;
