/** Puts a backup into an empty database, on the tables that it was made of, and brings them to the newest from there. */
import { pipeline } from "node:stream/promises";
import { from as copyFrom } from "pg-copy-streams";
import { EntryError, type EntryErrorCode } from "../errors.ts";
import { type BackupEnd, type BackupHeader, type BackupTable, readHeader, readPart } from "../pure/backup-header.ts";
import { type Migration, planMigrations } from "../pure/migration-plan.ts";
import type { BackupRows } from "./backup.ts";
import { BackupReader } from "./backup-file.ts";
import type { Database } from "./database.ts";
import { databaseError } from "./database-error.ts";
import type { LoneConnection } from "./lone-connection.ts";
import { applyMigration, holdMigrations, migrate } from "./migrate.ts";
import { continueCounters, isEmpty, quoted, type TableShape, tableShapes } from "./table-shapes.ts";

/** What the database says of rows that cannot be such a table's. */
const ofRows: readonly EntryErrorCode[] = ["ENTRY_DATABASE_REFUSED", "ENTRY_DATABASE_CONFLICT"];

/**
 * All of the backup or nothing of it. `known`: the migrations of this program. Throws ENTRY_BACKUP_FILE, ENTRY_BACKUP_DAMAGED,
 * ENTRY_BACKUP_NEWER, ENTRY_RESTORE_NOT_EMPTY, and what keeps the database from answering.
 */
export async function restore(database: Database, path: string, known: readonly Migration[]): Promise<BackupRows> {
  await using file = await BackupReader.open(path);
  const { migrations } = await fittingHeader(file, known);
  const rows = await restoreRows(database, file, known.slice(0, migrations.length));
  await migrate(database, known);
  return rows;
}

async function fittingHeader(file: BackupReader, known: readonly Migration[]): Promise<BackupHeader> {
  const line = await file.line();
  const read = readHeader(line?.text ?? "");
  if (read.kind === "none") throw file.damaged("its first line says so");
  const plan = read.kind === "header" ? planMigrations(known, read.header.migrations).kind : "newer";
  if (read.kind === "header" && plan === "apply") return read.header;
  const why = plan === "newer" ? "a newer Ropewalk" : "a Ropewalk with other migrations";
  throw new EntryError(
    "ENTRY_BACKUP_NEWER",
    `${why} made this backup. Restore it with that version, or with a later one`,
  );
}

async function restoreRows(
  database: Database,
  file: BackupReader,
  migrations: readonly Migration[],
): Promise<BackupRows> {
  await using connection = await database.alone();
  return await connection.transaction("read write", async () => {
    await holdMigrations(connection);
    if (!(await isEmpty(connection))) {
      const what = "there is something in the database already, and a restore would mix with it";
      throw new EntryError("ENTRY_RESTORE_NOT_EMPTY", `${what}. Give an empty one`);
    }
    for (const migration of migrations) await applyMigration(connection, migration);
    const shapes = await tableShapes(connection);
    // A migration may have put rows in, which the backup has too.
    await connection.rows(`truncate ${shapes.map(({ name }) => quoted(name)).join(", ")}`);
    const rows = await fill(connection, file, shapes);
    await continueCounters(connection);
    return rows;
  });
}

async function fill(
  connection: LoneConnection,
  file: BackupReader,
  shapes: readonly TableShape[],
): Promise<BackupRows> {
  const rows: Record<string, number> = {};
  for (;;) {
    const line = await file.line();
    if (line === undefined) throw file.damaged("its end is not there");
    const part = readPart(line.text);
    if (part === undefined) throw file.damaged("a line between tables is none that may be there");
    if (part.kind === "end") {
      checkEnd(file, part, rows, line.sum, shapes);
      if ((await file.line()) !== undefined) throw file.damaged("it goes on behind its end");
      return rows;
    }
    const isKnown = shapes.some((shape) => isShape(shape, part));
    if (!isKnown || rows[part.table] !== undefined)
      throw file.damaged(`its table ${JSON.stringify(part.table)} is another`);
    rows[part.table] = await fillTable(connection, file, part);
  }
}

function isShape({ name, columns }: TableShape, part: BackupTable): boolean {
  return name === part.table && columns.toSorted().join("\0") === part.columns.toSorted().join("\0");
}

async function fillTable(
  connection: LoneConnection,
  file: BackupReader,
  { table, columns }: BackupTable,
): Promise<number> {
  const stream = copyFrom(`copy ${quoted(table)} (${columns.map(quoted).join(", ")}) from stdin`);
  try {
    await pipeline(file.rows(), connection.client.query(stream));
    return stream.rowCount;
  } catch (error) {
    const told = databaseError(error);
    if (!ofRows.includes(told.code)) throw told;
    throw file.damaged(`its rows are none of the table ${table} (${told.constraint ?? "they cannot be read"})`);
  }
}

function checkEnd(
  file: BackupReader,
  end: BackupEnd,
  rows: BackupRows,
  sum: string,
  shapes: readonly TableShape[],
): void {
  const isWhole = shapes.every(({ name }) => rows[name] !== undefined && rows[name] === end.rows[name]);
  if (!isWhole) throw file.damaged("rows or tables are missing");
  if (sum !== end.sha256) throw file.damaged("it was changed");
}
