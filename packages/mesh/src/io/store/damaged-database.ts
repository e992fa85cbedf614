/**
 * A damaged store, from which is read what can be; nothing of it is changed. Where not even what tables it has can be read, or
 * the file is shorter than it says, those pages of a new store take their place in a copy: tables begin at the same pages in every store.
 */
import { closeSync, copyFileSync, existsSync, fstatSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { migrations } from "./schema.ts";
import { type Row, StoreDatabase } from "./store-database.ts";
import { isDamaged } from "./store-failures.ts";
import { copyPath, journalPath, makeFile, removeStore } from "./store-places.ts";

export interface Portion {
  readonly rows: readonly Row[];
  /** What came behind them: more, nothing, or something that cannot be read. */
  readonly end: "more" | "last" | "break";
}

const rowsAtOnce = 5_000;
const pageLength = 4_096;
/** In the first page: how many pages the file has (https://sqlite.org/fileformat.html#the_database_header). */
const pageCountAt = 28;
/** In the first page: the tree of what tables there are. */
const treeAt = 100;

export class DamagedDatabase implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  /** Of whom the copy is that is read. */
  readonly #copy: string | undefined;

  /** Throws what SQLite and the file system throw, but for damage. */
  static open(path: string): DamagedDatabase {
    const plain = new DamagedDatabase(path);
    if (plain.#hasTables()) return plain;
    plain[Symbol.dispose]();
    const copy = copyPath(path);
    describedAnew(path, copy);
    return new DamagedDatabase(copy, copy);
  }

  private constructor(path: string, copy?: string) {
    this.#path = path;
    this.#copy = copy;
    this.#database = new DatabaseSync(path, { readOnly: true });
  }

  /** The newest where it cannot be read. */
  version(): number {
    const read = () => Number(this.#database.prepare("PRAGMA user_version").get()?.["user_version"]);
    const version = unlessDamaged(read) ?? 0;
    return version >= 1 && version <= migrations.length ? version : migrations.length;
  }

  /** Rows whose numbers are `from` or more: as many as are read at once, or to the end, or to what cannot be read. */
  read(table: string, columns: string, from: number): Portion {
    const rows: Row[] = [];
    const sql = `SELECT ${columns} FROM ${table} NOT INDEXED WHERE row >= ? ORDER BY row LIMIT ?`;
    const end = unlessDamaged(() => {
      for (const row of this.#database.prepare(sql).iterate(from, rowsAtOnce)) rows.push(row);
      return rows.length < rowsAtOnce ? "last" : "more";
    });
    return { rows, end: end ?? "break" };
  }

  /** Whether the first row whose number is `from` or more can be read, or there is none. */
  isReadable(table: string, columns: string, from: number): boolean {
    const sql = `SELECT ${columns} FROM ${table} NOT INDEXED WHERE row >= ? ORDER BY row LIMIT 1`;
    return unlessDamaged(() => this.#database.prepare(sql).all(from)) !== undefined;
  }

  [Symbol.dispose](): void {
    this.#database.close();
    // Reading leaves one, of which nobody else has need.
    rmSync(`${this.#path}-shm`, { force: true });
    if (this.#copy !== undefined) removeStore(this.#copy);
  }

  #hasTables(): boolean {
    const sql = "SELECT count(*) AS count FROM sqlite_schema";
    return unlessDamaged(() => Number(this.#database.prepare(sql).get()?.["count"]) > 0) === true;
  }
}

/** Undefined where it failed by damage: other failures say nothing of what is in the file. */
function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // A number that no store ever had, or a column that it has not.
    const isForeign =
      error instanceof RangeError || (error instanceof Error && /no such (?:table|column)/.test(error.message));
    if (isDamaged(error) || isForeign) return undefined;
    throw error;
  }
}

/** A copy in which the tables are described by a new store's pages. */
function describedAnew(path: string, copy: string): void {
  removeStore(copy);
  makeFile(copy);
  new StoreDatabase(copy)[Symbol.dispose]();
  const fresh = readFileSync(copy);
  copyFileSync(path, copy);
  if (existsSync(journalPath(path))) copyFileSync(journalPath(path), journalPath(copy));
  const fd = openSync(copy, "r+");
  try {
    fresh.writeUInt32BE(Math.max(1, Math.floor(fstatSync(fd).size / pageLength)), pageCountAt);
    for (const page of [1, ...childrenOfFirst(fresh)]) {
      const at = (page - 1) * pageLength;
      writeSync(fd, fresh, at, pageLength, at);
    }
  } finally {
    closeSync(fd);
  }
}

/** What the first page says is the root of a tree, of two levels at most (https://sqlite.org/fileformat.html#b_tree_pages). */
function childrenOfFirst(file: Buffer): readonly number[] {
  const isInterior = file[treeAt] === 5;
  if (!isInterior) return [];
  const cells = Array.from({ length: file.readUInt16BE(treeAt + 3) }, (_, index) =>
    file.readUInt32BE(file.readUInt16BE(treeAt + 12 + 2 * index)),
  );
  return [...cells, file.readUInt32BE(treeAt + 8)];
}
