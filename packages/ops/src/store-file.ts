/** The file below a store: who may read it, and what becomes of it when its content is damaged. */
import { closeSync, constants, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes the file before SQLite does, so that nobody else could ever read it; SQLite gives its journals the same mode.
 * Its folder is made too, but no folder above: a missing parent is a wrong path.
 */
export function prepareStoreFile(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
}

/** Moves the store and its journals away, never deletes them, and returns the new name. `wall` is the time, Unix ms. */
export function setAsideStore(path: string, wall: number): string {
  const stamp = new Date(wall).toISOString().replace(/[:.]/g, "-");
  const aside = `${path}.corrupt-${stamp}`;
  renameSync(path, aside);
  for (const journal of ["-wal", "-shm"]) {
    if (existsSync(path + journal)) renameSync(path + journal, aside + journal);
  }
  return aside;
}
