/**
 * One daemon for each state directory, also across network namespaces: an exclusive SQLite lock on a file of its own. The
 * kernel frees it when the process ends, however it ends (fcntl(2), advisory record locking).
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AppError } from "../errors.ts";

/**
 * The lock, held until disposed; undefined when the directory cannot be written, where nobody can keep state anyway.
 * Throws APP_ALREADY_RUNNING when another process holds it.
 */
export function holdStateLock(directory: string): Disposable | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(directory, "lock"), { timeout: 0 });
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    if (database?.isOpen) database.close();
    // SQLITE_BUSY, https://sqlite.org/rescode.html#busy
    if (!(error instanceof Error && "errcode" in error && error.errcode === 5)) return undefined;
    throw new AppError(
      "APP_ALREADY_RUNNING",
      `another Ropewalk uses the state directory ${directory}. Stop it, or give this one its own: ROPEWALK_STATE_DIR.`,
    );
  }
  const held = database;
  return { [Symbol.dispose]: () => held.close() };
}
