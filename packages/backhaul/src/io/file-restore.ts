/** Gives a changed file back as it was: byte for byte, with its mode and owner, and only when it is still as we left it. */
import { describeError } from "@ropewalk/kernel/errors";
import { isOurResolvConf } from "../pure/resolv-conf-text.ts";
import type { FileCalls } from "./file-calls.ts";
import type { FileJournal, OriginalFile } from "./file-journal.ts";
import { removeDraft, replaceFile } from "./file-replacement.ts";
import { readPresentResolvConf } from "./resolv-conf-file.ts";
import type { RestoreOutcome } from "./restore-outcome.ts";

/** What was given back or up is forgotten by the journal; what was refused is not. Throws what the journal throws. */
export function restoreFile(file: OriginalFile, journal: FileJournal, calls: FileCalls): RestoreOutcome {
  const { path } = file;
  removeDraft(path, calls);
  const present = readPresentResolvConf(path);
  if (present.kind === "unreadable") return { what: path, result: { kind: "refused", detail: present.reason } };
  const isTheFile = present.path === path;
  if (isTheFile && isExactly(present, file)) return forgotten("restored");
  if (!isTheFile || !(isOurResolvConf(present.text) || isUnfinished(present, file))) return forgotten("given-up");
  const fault = putBack(file, present.original, calls);
  return fault === undefined ? forgotten("restored") : { what: path, result: { kind: "refused", detail: fault } };

  function forgotten(kind: "restored" | "given-up"): RestoreOutcome {
    journal.remove(path);
    return { what: path, result: { kind } };
  }
}

/**
 * True for what may be left of a write that was cut off, and for the content itself: with empty lines behind it, or no content at all,
 * which is what a loss of power leaves on some filesystems.
 */
export function isUnfinished(present: OriginalFile, kept: OriginalFile): boolean {
  return isAsItWas(present, kept) || present.original?.content.length === 0;
}

/** True for the content that was kept, and for that with the empty lines that a write in place may leave when it is cut off. */
export function isAsItWas(present: OriginalFile, kept: OriginalFile): boolean {
  if (present.original === undefined || kept.original === undefined) return present.original === kept.original;
  const before = kept.original.content;
  const { content } = present.original;
  return (
    content.length >= before.length &&
    content.every((byte, index) => (index < before.length ? byte === before[index] : byte === 0x0a))
  );
}

function isExactly(present: OriginalFile, kept: OriginalFile): boolean {
  return isAsItWas(present, kept) && present.original?.content.length === kept.original?.content.length;
}

function putBack(file: OriginalFile, present: OriginalFile["original"], calls: FileCalls): string | undefined {
  const { path, original } = file;
  if (original === undefined) return removal(path, calls);
  const extent = present && { length: present.content.length, shape: present.shape };
  const outcome = replaceFile(path, original.content, { present: extent, shape: original.shape }, calls);
  return outcome.kind === "refused" ? outcome.detail : undefined;
}

function removal(path: string, calls: FileCalls): string | undefined {
  try {
    calls.remove(path);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
}
