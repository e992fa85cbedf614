/** The files of the store and how they change places: at whatever point the machine stops, a start finds the old store or the new one. */
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Damaged stores that are kept; the oldest go. */
const mostSetAside = 3;
const asideMark = ".corrupt-";

/** Where what can be saved of a damaged store is put together. */
export function savedPath(path: string): string {
  return `${path}.saved`;
}

/** Where a damaged one is read that cannot be as it is. */
export function copyPath(path: string): string {
  return `${path}.copy`;
}

export function reservePath(path: string): string {
  return `${path}.reserve`;
}

export function journalPath(path: string): string {
  return `${path}-wal`;
}

/**
 * Makes the file before SQLite does, so that nobody else could ever read it; SQLite gives its journals the same mode. What was under
 * way when the machine stopped is finished or forgotten.
 */
export function prepareFiles(path: string, wall: number): "new" | "kept" | "lost" {
  const saved = savedPath(path);
  // The damaged one goes only when the saved one is whole.
  if (!existsSync(path) && existsSync(saved)) takePlace(path, wall);
  for (const each of [saved, copyPath(path)]) removeStore(each);
  makeFile(path);
  syncFolder(path);
  if (statSync(path).size > 0) return "kept";
  // Made behind the store's first tables.
  return existsSync(reservePath(path)) ? "lost" : "new";
}

/**
 * Its owner's alone; nothing of one that is there changes. Nor is that opened: to close it would free the locks that this process has on
 * it (fcntl(2), advisory record locking).
 */
export function makeFile(path: string): void {
  const known = lstatSync(path, { throwIfNoEntry: false });
  if (known === undefined) closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600));
  else if (known.isFile()) chmodSync(path, 0o600);
  else throw new Error("it is no regular file");
}

/** Sets the store at `path` aside and puts the saved one there. Returns the name of the one set aside. `wall`: milliseconds since 1970. */
export function takePlace(path: string, wall: number): string {
  const aside = `${path}${asideMark}${new Date(wall).toISOString().replace(/[:.]/g, "-")}`;
  // The journal last: a store without its own is one that was saved, and no other's journal may come to it.
  for (const [from, to] of [
    [path, aside],
    [journalPath(path), journalPath(aside)],
  ] as const)
    if (existsSync(from)) renameSync(from, to);
  syncFolder(path);
  renameSync(savedPath(path), path);
  syncFolder(path);
  forgetOldest(path);
  return aside;
}

export function removeStore(path: string): void {
  for (const each of [path, journalPath(path), `${path}-shm`]) rmSync(each, { force: true });
}

function forgetOldest(path: string): void {
  const begin = `${basename(path)}${asideMark}`;
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(begin) && !/-(?:wal|shm)$/.test(name));
  for (const name of names.toSorted().slice(0, -mostSetAside)) removeStore(join(dirname(path), name));
}

/** A new name is on the disk only with its folder. */
function syncFolder(path: string): void {
  const fd = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
