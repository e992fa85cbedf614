/**
 * Keeps what V8 makes of the program's files, which is a fifth of a start. Where it is kept already (NODE_COMPILE_CACHE: by the launcher of a clone,
 * by a unit of systemd) nothing is done, and where it cannot be, the program is compiled each time.
 */
import { lstatSync, mkdirSync } from "node:fs";
import { enableCompileCache, getCompileCacheDir } from "node:module";
import type { OwnDirectory } from "../paths.ts";

/** Of what is loaded from here on. What others may write to is not used: who writes there says what this process runs. */
export function keepCompiled({ path, mode }: OwnDirectory, uid: number): void {
  if (getCompileCacheDir() !== undefined) return;
  try {
    mkdirSync(path, { recursive: true, mode });
    const folder = lstatSync(path);
    if (folder.isDirectory() && folder.uid === uid && (folder.mode & 0o022) === 0) enableCompileCache(path);
  } catch {
    // A disk that is full or may not be written.
  }
}
