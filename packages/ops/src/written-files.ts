/**
 * Writes several files so that all of them are there afterwards, whole and on the disk, or none: a certificate without its key is
 * worth nothing. Each is written under another name in its own folder first, and gets its own in one step.
 */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { existsError, fileError, systemCode, writeError } from "./file-errors.ts";

export interface WrittenFile {
  readonly path: string;
  readonly octets: Uint8Array;
  /** Permission bits, from which the process's umask may take some. */
  readonly mode: number;
}

export interface WritingOptions {
  readonly whenThere: "refuse" | "overwrite";
}

interface Move extends WrittenFile {
  /** The new content, until it gets its name. */
  readonly staged: string;
  /** What had the name before, until everything is in its place. */
  readonly old: string;
}

/** Throws OPS_FILE_EXISTS, _NOT_REGULAR, _FULL and _UNWRITABLE, and then all is as it was before. */
export function writeFilesTogether(files: readonly WrittenFile[], { whenThere }: WritingOptions): void {
  checkPlaces(files, whenThere);
  const moves = files.map((file) => ({ ...file, staged: besides(file.path), old: besides(file.path) }));
  const moved: Move[] = [];
  try {
    for (const move of moves) attempt(move.path, () => stage(move));
    for (const move of moves) {
      attempt(move.path, () => (whenThere === "refuse" ? place(move) : replace(move)));
      moved.push(move);
    }
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) attempt(folder, () => syncFolder(folder));
  } catch (error) {
    for (const move of moved.toReversed()) quietly(() => takeBack(move));
    throw error;
  } finally {
    for (const { staged, old } of moves) {
      quietly(() => rmSync(staged, { force: true }));
      quietly(() => rmSync(old, { force: true }));
    }
  }
}

function checkPlaces(files: readonly WrittenFile[], whenThere: WritingOptions["whenThere"]): void {
  const seen = new Set<string>();
  for (const { path } of files) {
    if (seen.has(resolve(path)))
      throw fileError("OPS_FILE_EXISTS", path, "two things would be written to it; give each a file of its own");
    seen.add(resolve(path));
    const there = attempt(path, () => lstatSync(path, { throwIfNoEntry: false }));
    if (there === undefined) continue;
    if (!there.isFile())
      throw fileError(
        "OPS_FILE_NOT_REGULAR",
        path,
        "what is there is no regular file, and is left as it is; give another path",
      );
    if (whenThere === "refuse") throw existsError(path);
  }
}

/** A name in the same folder that nothing has. */
function besides(path: string): string {
  return join(dirname(path), `.${basename(path).slice(0, 200)}.${randomBytes(6).toString("hex")}`);
}

function stage({ staged, octets, mode }: Move): void {
  const file = openSync(staged, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, mode);
  try {
    writeFileSync(file, octets);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A link, unlike a rename, fails where something is; file systems without links (FAT) leave a moment between look and rename. */
function place({ staged, path }: Move): void {
  try {
    linkSync(staged, path);
  } catch (error) {
    if (!isWithoutLinks(error)) throw error;
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw existsError(path);
    renameSync(staged, path);
  }
}

function replace({ staged, path, old }: Move): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    try {
      linkSync(path, old);
    } catch (error) {
      if (!isWithoutLinks(error)) throw error;
      copyFileSync(path, old, constants.COPYFILE_EXCL);
    }
  }
  renameSync(staged, path);
}

function takeBack({ path, old }: Move): void {
  if (lstatSync(old, { throwIfNoEntry: false }) === undefined) rmSync(path, { force: true });
  else renameSync(old, path);
}

/** A new name is on the disk only with its folder. */
function syncFolder(folder: string): void {
  const file = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function isWithoutLinks(error: unknown): boolean {
  return ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(systemCode(error) ?? "");
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw writeError(path, error);
  }
}

/** Of what cannot be undone either, the first failure is what counts. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // The failure that led here is thrown.
  }
}
