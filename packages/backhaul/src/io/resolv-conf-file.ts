/** The machine's resolv.conf as it is now: where it really lies, what it holds and whose it is. It only reads. */
import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describeError } from "@ropewalk/kernel/errors";
import { kibibytes } from "@ropewalk/kernel/units";
import { type ResolvConfOwner, resolvConfOwner } from "../pure/resolv-conf-owner.ts";
import { readBoundedFile } from "./bounded-file.ts";
import type { OriginalFile } from "./file-journal.ts";

export type PresentResolvConf =
  | { readonly kind: "unreadable"; readonly reason: string }
  | {
      readonly kind: "readable";
      /** The file itself, behind every symbolic link. */
      readonly path: string;
      /** Undefined when there is none. */
      readonly original: OriginalFile["original"];
      /** Empty when there is none. */
      readonly text: string;
      readonly owner: ResolvConfOwner;
    };

const largestFile = kibibytes(64);

export function readPresentResolvConf(file: string): PresentResolvConf {
  try {
    const target = targetOf(file);
    const path = target ?? file;
    const content = readBoundedFile(path, largestFile);
    if (content.kind === "unreadable") return { kind: "unreadable", reason: `${path}: ${content.reason}` };
    const text = content.kind === "content" ? new TextDecoder().decode(content.bytes) : "";
    return {
      kind: "readable",
      path,
      original: originalOf(path, content),
      text,
      owner: resolvConfOwner({ target, text }),
    };
  } catch (error) {
    return { kind: "unreadable", reason: describeError(error) };
  }
}

function originalOf(path: string, content: ReturnType<typeof readBoundedFile>): OriginalFile["original"] {
  if (content.kind !== "content") return undefined;
  const { mode, uid: user, gid: group } = statSync(path);
  return { content: content.bytes, shape: { mode: mode & 0o7777, user, group } };
}

/** Also where a symbolic link leads to nothing: whose it is can be told from that. */
function targetOf(file: string): string | undefined {
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return undefined;
  const next = resolve(dirname(file), readlinkSync(file));
  try {
    return realpathSync(next);
  } catch {
    return next;
  }
}
