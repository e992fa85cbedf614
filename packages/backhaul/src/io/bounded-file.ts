/**
 * Reads small files that other programs own. Whatever is at the path, a read returns at once: nothing is waited for,
 * nothing larger than the limit is taken in, and a file that vanishes on the way is absent.
 */
import { closeSync, constants, fstatSync, opendirSync, openSync, readSync } from "node:fs";
import type { Bytes } from "@ropewalk/kernel/units";

export type FileContent =
  | { readonly kind: "content"; readonly bytes: Uint8Array; readonly modifiedAt: number }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly reason: string };

/** The content of the regular file at `path`, and when it was last written (wall time in ms since 1970). */
export function readBoundedFile(path: string, limit: Bytes): FileContent {
  let descriptor: number;
  try {
    // O_NONBLOCK: opening a FIFO that somebody put there must not wait for its writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return failure(error);
  }
  try {
    return readDescriptor(descriptor, limit);
  } catch (error) {
    return failure(error);
  } finally {
    closeSync(descriptor);
  }
}

export type FolderContent =
  | { readonly kind: "content"; readonly names: readonly string[] }
  | { readonly kind: "absent" }
  | { readonly kind: "unreadable"; readonly reason: string };

/** A folder with more entries is not ours to search through. */
const mostEntries = 4096;

/** Up to `limit` names in the folder that `isWanted`, sorted. */
export function listBoundedFolder(path: string, limit: number, isWanted: (name: string) => boolean): FolderContent {
  const names: string[] = [];
  try {
    using folder = opendirSync(path);
    for (let seen = 0; seen < mostEntries && names.length < limit; seen += 1) {
      const entry = folder.readSync();
      if (entry === null) break;
      if (isWanted(entry.name)) names.push(entry.name);
    }
  } catch (error) {
    return failure(error);
  }
  return { kind: "content", names: names.sort() };
}

function readDescriptor(descriptor: number, limit: Bytes): FileContent {
  const facts = fstatSync(descriptor);
  if (!facts.isFile()) return { kind: "unreadable", reason: "it is not a regular file" };
  if (facts.size > limit) return { kind: "unreadable", reason: `it has more than ${limit} bytes` };
  const bytes = new Uint8Array(facts.size);
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(descriptor, bytes, length, bytes.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return { kind: "content", bytes: bytes.subarray(0, length), modifiedAt: facts.mtimeMs };
}

function failure(
  error: unknown,
): { readonly kind: "absent" } | { readonly kind: "unreadable"; readonly reason: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  if (code === "ENOENT" || code === "ENOTDIR") return { kind: "absent" };
  return { kind: "unreadable", reason: code };
}
