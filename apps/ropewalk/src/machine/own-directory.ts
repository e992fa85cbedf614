/**
 * Makes the folders that are ours and proves that they are. In a folder that everybody may write to, such as the temporary
 * one, another user could have put a link or a folder of their own at our name: that is refused, never used.
 */
import { lstatSync, mkdirSync, type Stats } from "node:fs";
import { AppError } from "../errors.ts";
import type { OwnDirectory } from "../paths.ts";

/** Throws APP_DIRECTORY with what is wrong with it; `purpose` says in that message what the folder is for. */
export function ensureOwnDirectory(directory: OwnDirectory, uid: number, purpose: string, variable: string): void {
  const { path, parent, mode } = directory;
  try {
    mkdirSync(path, { recursive: parent === "own", mode });
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) {
      throw new AppError(
        "APP_DIRECTORY",
        `the folder ${path} for ${purpose} cannot be made (choose another with ${variable})`,
        { cause },
      );
    }
  }
  if (parent === "own") return;
  const fault = sharedFault(lstatSync(path), uid);
  if (fault !== undefined) {
    throw new AppError(
      "APP_DIRECTORY",
      `${path}, the folder for ${purpose}, ${fault}. Remove it, or choose another with ${variable}.`,
    );
  }
}

/** Why a folder beside others' is not safely ours; undefined when it is. */
function sharedFault(stats: Stats, uid: number): string | undefined {
  if (stats.isSymbolicLink()) return "is a symbolic link, which somebody else may have put there";
  if (!stats.isDirectory()) return "is not a folder";
  if (stats.uid !== uid) return `belongs to user ${stats.uid}, not to this one (${uid})`;
  if ((stats.mode & 0o077) !== 0) return "can be entered by other users";
  return undefined;
}
