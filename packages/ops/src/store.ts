/**
 * A daemon's own durable state on one machine: SQLite in one file, readable by its user alone. What a transaction
 * returned from is on the disk; what failed left the old content as it was.
 */
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from "node:sqlite";
import type { Clock } from "@ropewalk/kernel/clock";
import { type Millis, seconds } from "@ropewalk/kernel/units";
import { OpsError } from "./errors.ts";
import { DamagedContent, isDamage, storeError, storeOpenError } from "./store-errors.ts";
import { prepareStoreFile, setAsideStore } from "./store-file.ts";

export interface StoreOptions {
  /** SQL that brings the store from version n to n + 1, in order; never change one that was released. */
  readonly migrations: readonly string[];
  readonly clock: Pick<Clock, "wall">;
  /** How long a writer waits for another process's lock. */
  readonly busyTimeout?: Millis;
}

export type StoreRow = Readonly<Record<string, SQLOutputValue>>;

export interface OpenedStore {
  readonly store: Store;
  /** Where a damaged file was moved, and what was wrong with it; its content is not in the store. To be told to the operator. */
  readonly setAside: { readonly path: string; readonly reason: string } | undefined;
}

const memory = ":memory:";

/**
 * Opens the store at `path`, or one in memory for ":memory:"; brings it to the newest version. The folder is made when
 * it is absent and its parent is there. Throws `OpsError` with an OPS_STORE_* code.
 */
export function openStore(path: string, options: StoreOptions): OpenedStore {
  try {
    return { store: Store.open(path, options), setAside: undefined };
  } catch (error) {
    if (path === memory || !isDamage(error)) throw storeOpenError(path, error);
    const moved = setAsideStore(path, options.clock.wall());
    const reason = error instanceof Error ? error.message : String(error);
    return { store: reopen(path, options), setAside: { path: moved, reason } };
  }
}

function reopen(path: string, options: StoreOptions): Store {
  try {
    return Store.open(path, options);
  } catch (error) {
    throw storeOpenError(path, error);
  }
}

export class Store implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  static open(path: string, options: StoreOptions): Store {
    if (path !== memory) prepareStoreFile(path);
    const database = new DatabaseSync(path, { timeout: options.busyTimeout ?? seconds(5) });
    try {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
      checkIntegrity(database);
      migrate(path, database, options.migrations);
    } catch (error) {
      database.close();
      throw error;
    }
    return new Store(path, database);
  }

  /** Runs one statement and returns how many rows it changed. */
  run(sql: string, ...parameters: readonly SQLInputValue[]): number {
    return this.#guarded(() => Number(this.#prepared(sql).run(...parameters).changes));
  }

  /** Every row that one query gives. */
  all(sql: string, ...parameters: readonly SQLInputValue[]): readonly StoreRow[] {
    return this.#guarded(() => this.#prepared(sql).all(...parameters));
  }

  /** Does all of `work` or nothing of it; what it returned from is durable. `work` must not be asynchronous. */
  transaction<T>(work: () => T): T {
    return this.#guarded(() => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        // SQLite has rolled back on its own after some failures (https://sqlite.org/lang_transaction.html §3).
        if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Statements are few and written in the code, so that keeping each prepared is bounded. */
  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw storeError(this.#path, error);
    }
  }
}

function checkIntegrity(database: DatabaseSync): void {
  const [row] = database.prepare("PRAGMA integrity_check(1)").all();
  const finding = row?.["integrity_check"];
  if (finding !== "ok") throw new DamagedContent(String(finding));
}

function migrate(path: string, database: DatabaseSync, migrations: readonly string[]): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > migrations.length) {
    throw new OpsError(
      "OPS_STORE_NEWER",
      `${path} has version ${version} and this Ropewalk knows up to ${migrations.length}: install the newer Ropewalk again, or move the file away`,
    );
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    // One transaction each: a migration that is cut off leaves the version before it.
    database.exec(`BEGIN IMMEDIATE; ${sql}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
