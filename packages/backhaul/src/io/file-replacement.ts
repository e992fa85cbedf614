/**
 * Gives a file another content, so that no reader and no crash finds a part of it: by a new file under its name, or where that cannot
 * be (the file is a mount point, its folder is read-only) within it, in steps that each leave it whole but for empty lines at its end.
 */
import { basename, dirname, join } from "node:path";
import { describeError } from "@ropewalk/kernel/errors";
import type { FileCalls } from "./file-calls.ts";

export interface FileShape {
  readonly mode: number;
  readonly user: number;
  readonly group: number;
}

/** The file as it is: its length in bytes, and whose it is. */
export interface FileExtent {
  readonly length: number;
  readonly shape: FileShape;
}

export type Replacement =
  | { readonly kind: "replaced" }
  /** It could not be replaced, for this reason, and was written in its place. */
  | { readonly kind: "in-place"; readonly because: string }
  /** It is as it was, but for empty lines at its end when even taking those away failed. */
  | { readonly kind: "refused"; readonly detail: string };

const emptyLine = 0x0a;

/** The new file has `shape`, or when that is undefined the mode 0644 and our user. `present` is undefined when there is none yet. */
export function replaceFile(
  path: string,
  content: Uint8Array,
  { present, shape }: { readonly present: FileExtent | undefined; readonly shape: FileShape | undefined },
  calls: FileCalls,
): Replacement {
  const because = attempt(() => replaceByRename(path, content, shape, calls));
  if (because === undefined) return { kind: "replaced" };
  if (present === undefined) return { kind: "refused", detail: because };
  const fault = attempt(() => rewriteInPlace(path, content, present.length, calls));
  return fault === undefined ? { kind: "in-place", because } : { kind: "refused", detail: `${because}; ${fault}` };
}

/** What a run that was killed may have left. */
export function removeDraft(path: string, calls: FileCalls): void {
  attempt(() => calls.remove(draftOf(path)));
}

function draftOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.ropewalk`);
}

function replaceByRename(path: string, content: Uint8Array, shape: FileShape | undefined, calls: FileCalls): void {
  const descriptor = createDraft(path, calls);
  try {
    writeAll(descriptor, content, calls);
    if (shape !== undefined) calls.changeOwner(descriptor, shape.user, shape.group);
    calls.changeMode(descriptor, shape?.mode ?? 0o644);
    calls.rename(draftOf(path), path);
  } catch (error) {
    attempt(() => calls.close(descriptor));
    removeDraft(path, calls);
    throw error;
  }
  calls.closeDurably(descriptor);
}

/** A draft is in the way only after a run that was killed. */
function createDraft(path: string, calls: FileCalls): number {
  try {
    return calls.create(draftOf(path));
  } catch {
    removeDraft(path, calls);
    return calls.create(draftOf(path));
  }
}

/** Room is taken first, and given back when there is too little; then all is written over at once, and the rest is cut off last. */
function rewriteInPlace(path: string, content: Uint8Array, length: number, calls: FileCalls): void {
  const descriptor = calls.open(path);
  try {
    if (content.length > length) takeRoom(descriptor, length, content.length, calls);
    const padded = new Uint8Array(Math.max(length, content.length)).fill(emptyLine);
    padded.set(content);
    writeAll(descriptor, padded, calls);
    if (length > content.length) calls.truncate(descriptor, content.length);
  } catch (error) {
    attempt(() => calls.close(descriptor));
    throw error;
  }
  calls.closeDurably(descriptor);
}

function takeRoom(descriptor: number, from: number, to: number, calls: FileCalls): void {
  try {
    writeAll(descriptor, new Uint8Array(to - from).fill(emptyLine), calls, from);
  } catch (error) {
    attempt(() => calls.truncate(descriptor, from));
    throw error;
  }
}

function writeAll(descriptor: number, bytes: Uint8Array, calls: FileCalls, start = 0): void {
  let written = 0;
  while (written < bytes.length) written += calls.write(descriptor, bytes.subarray(written), start + written);
}

function attempt(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
