/** What the failures of the file system mean to who reads or writes a file of keys, certificates or the like. */
import { describeError } from "@ropewalk/kernel/errors";
import { OpsError, type OpsErrorCode } from "./errors.ts";

export function fileError(code: OpsErrorCode, path: string, message: string, cause?: unknown): OpsError {
  const reason = cause === undefined ? "" : `: ${describeError(cause)}`;
  return new OpsError(code, `${path}: ${message}${reason}`, { cause });
}

export function readError(path: string, cause: unknown): unknown {
  if (cause instanceof OpsError) return cause;
  const code = systemCode(cause);
  if (code === "ENOENT" || code === "ENOTDIR") return fileError("OPS_FILE_MISSING", path, "there is no such file");
  if (code === undefined) return cause;
  return fileError(
    "OPS_FILE_UNREADABLE",
    path,
    "it cannot be read; give this user the right to, or the right path",
    cause,
  );
}

export function writeError(path: string, cause: unknown): unknown {
  if (cause instanceof OpsError) return cause;
  const code = systemCode(cause);
  if (code === undefined) return cause;
  if (code === "EEXIST") return existsError(path);
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG")
    return fileError("OPS_FILE_FULL", path, "no room for it; free some on its file system. Nothing was written", cause);
  return fileError(
    "OPS_FILE_UNWRITABLE",
    path,
    "it cannot be written; its folder must exist and be writable for this user",
    cause,
  );
}

export function existsError(path: string): OpsError {
  return fileError("OPS_FILE_EXISTS", path, "it is there already, and would be lost; give another path, or --force");
}

/** "ENOENT"; undefined for what is no failure of a system call. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
