/**
 * One process for each own server: an exclusive SQLite lock on a file beside it, which the kernel frees however that process ends (fcntl(2),
 * advisory record locking). Who holds it may end every server that runs on these data.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EntryError } from "../../errors.ts";

/** Held until disposed. Throws ENTRY_DATABASE_HELD while another has it. */
export function holdDatabase(state: string): Disposable {
  const path = join(state, "database.lock");
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock?.close();
    // SQLITE_BUSY, https://sqlite.org/rescode.html#busy
    const isBusy = error instanceof Error && "errcode" in error && error.errcode === 5;
    if (!isBusy) throw new EntryError("ENTRY_DATABASE_START", `cannot lock ${path}`, { cause: error });
    throw new EntryError(
      "ENTRY_DATABASE_HELD",
      `another Ropewalk runs the database of ${state}. Stop it, give this one its own ROPEWALK_STATE_DIR, or give both the address of one server.`,
    );
  }
  const held = lock;
  return { [Symbol.dispose]: () => held.close() };
}
