/**
 * The file of the store, open: what a transaction returned from is on the disk, and nobody else can open it meanwhile. What was removed
 * is overwritten in the file with zeros; its journal, and what the disk itself keeps, may hold it for a while longer.
 */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { seconds } from "@ropewalk/kernel/units";
import { DamagedContent } from "@ropewalk/ops/store-errors";
import { MeshError } from "../../errors.ts";
import { migrations } from "./schema.ts";

export type Row = Readonly<Record<string, SQLOutputValue>>;

/** For one that is about to end. */
const waitForOther = seconds(2);
/** Pages of 4,096 octets. */
const mostShrunk = 256;
/** Without a shared index beside the file, of which the exclusive lock has no need, and for which a full disk has no room. */
const locking = "PRAGMA locking_mode = EXCLUSIVE";
const settings = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16384;
PRAGMA wal_autocheckpoint = 1000;
PRAGMA journal_size_limit = 2097152;
`;

export class StoreDatabase implements Disposable {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Brings it to the newest version, or to `version`. Throws MeshError, MESH_STORE, for a newer one; what SQLite throws, and
   * DamagedContent.
   */
  constructor(path: string, version: number = migrations.length) {
    this.#database = new DatabaseSync(path, { timeout: waitForOther });
    try {
      this.#database.exec(locking);
      // Where it is not new, this would be a change.
      if (this.number("PRAGMA page_count") === 0) this.#database.exec("PRAGMA auto_vacuum = INCREMENTAL");
      this.#database.exec(settings);
      // What is in all indexes would take four times as long: see `checkIndexes`.
      this.#check("quick_check(1)");
      this.#migrate(path, version);
      // By this one alone nothing is delivered twice.
      this.checkIndexes("seen");
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** How many rows changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  /** As `run`, and the number of the row that was put in, which is only of use where one was. */
  insert(sql: string, ...values: readonly SQLInputValue[]): { readonly changes: number; readonly row: number } {
    const { changes, lastInsertRowid } = this.#prepared(sql).run(...values);
    return { changes: Number(changes), row: Number(lastInsertRowid) };
  }

  row(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values);
  }

  rows(sql: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    return this.#prepared(sql).all(...values);
  }

  /** Row by row; nothing else may be asked of the same SQL meanwhile. */
  each(sql: string, ...values: readonly SQLInputValue[]): Iterable<Row> {
    return this.#prepared(sql).iterate(...values);
  }

  /** Of a statement that gives one number. */
  number(sql: string, ...values: readonly SQLInputValue[]): number {
    const row = this.row(sql, ...values);
    return row === undefined ? 0 : Number(Object.values(row)[0] ?? 0);
  }

  /** All of `work` or nothing of it. */
  transaction<T>(work: () => T): T {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      // SQLite has rolled back on its own after some failures (https://sqlite.org/lang_transaction.html §3).
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Moves what is in the journal into the file. The journal keeps some room, in which is written again from its beginning. */
  checkpoint(): void {
    this.rows("PRAGMA wal_checkpoint(RESTART)");
  }

  /** Gives room that is free in the file back to the disk, as much as is done quickly. */
  shrink(): void {
    this.rows(`PRAGMA incremental_vacuum(${mostShrunk})`);
    this.checkpoint();
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** By name. */
  tables(): readonly string[] {
    const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    return this.rows(sql).map((row) => textOf(row, "name"));
  }

  /** Whether a table's indexes say what is in it. Throws DamagedContent. */
  checkIndexes(table: string): void {
    this.#check(`integrity_check(${table})`);
  }

  /** `pragma`: one that says "ok", or what is wrong. */
  #check(pragma: string): void {
    const [finding] = Object.values(this.row(`PRAGMA ${pragma}`) ?? {});
    if (finding !== "ok") throw new DamagedContent(String(finding));
  }

  #migrate(path: string, wanted: number): void {
    const version = this.number("PRAGMA user_version");
    if (version > migrations.length)
      throw new MeshError(
        "MESH_STORE",
        `${path} has version ${version} and this Ropewalk knows up to ${migrations.length}: install the newer Ropewalk again, or move the file away`,
      );
    for (const [index, sql] of migrations.slice(0, wanted).entries()) {
      if (index < version) continue;
      // One transaction each: a migration that is cut off leaves the version before it.
      this.#database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`);
    }
  }

  /** Statements are few and written in the code, so that keeping each prepared is bounded. */
  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** What a row's `sum` is, of these octets one behind the other. */
export function sumOf(...parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => crc32(part, sum), 0);
}

/** The octets of a row's column, which are as they were stored, with what its sum is of besides. Throws DamagedContent. */
export function summedOctets(row: Row, column: string, ...further: readonly string[]): Uint8Array {
  const octets = octetsOf(row, column);
  if (sumOf(octets, ...further.map((name) => octetsOf(row, name))) !== row["sum"])
    throw new DamagedContent(`the octets of "${column}" are not what was stored`);
  return octets;
}

export function octetsOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new DamagedContent(`"${column}" holds no octets`);
  return value;
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new DamagedContent(`"${column}" holds no text`);
  return value;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new DamagedContent(`"${column}" holds no number`);
  return value;
}
