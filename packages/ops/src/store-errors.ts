/** What the failures of SQLite and of the file system mean to a store's owner (https://sqlite.org/rescode.html). */
import { describeError } from "@ropewalk/kernel/errors";
import { OpsError, type OpsErrorCode } from "./errors.ts";

/** Primary result codes: the low octet of SQLite's extended codes. */
const resultCode = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
} as const;

/** What `PRAGMA integrity_check` found, when it found something. */
export class DamagedContent extends Error {}

/** Whether the content is lost, so that the file must be set aside. */
export function isDamage(error: unknown): boolean {
  const code = sqliteCode(error);
  return error instanceof DamagedContent || code === resultCode.corrupt || code === resultCode.notADatabase;
}

/** A failure of SQLite as an `OpsError` that says what to do; any other error as it is. */
export function storeError(path: string, error: unknown): unknown {
  const code = sqliteCode(error);
  return code === undefined || error instanceof OpsError ? error : told(path, sqliteTelling(code), error);
}

/** Like `storeError`, for opening: the file system may fail as well. */
export function storeOpenError(path: string, error: unknown): unknown {
  const code = systemCode(error);
  return code === undefined ? storeError(path, error) : told(path, systemTelling(code), error);
}

interface Telling {
  readonly code: OpsErrorCode;
  readonly message: string;
}

const full: Telling = {
  code: "OPS_STORE_FULL",
  message: "no room left; free some on its file system. What was stored before is unharmed",
};
const readOnly: Telling = {
  code: "OPS_STORE_READ_ONLY",
  message: "cannot be written; make the file, its folder and its file system writable for this user",
};
const directory: Telling = {
  code: "OPS_STORE_DIRECTORY",
  message: "cannot be opened; its folder must exist and belong to this user",
};
const busy: Telling = { code: "OPS_STORE_BUSY", message: "another process holds it; stop that process" };
const failed: Telling = { code: "OPS_STORE_FAILED", message: "SQLite failed" };

function told(path: string, telling: Telling, cause: unknown): OpsError {
  return new OpsError(telling.code, `${path}: ${telling.message}: ${describeError(cause)}`, { cause });
}

function sqliteTelling(code: number): Telling {
  if (code === resultCode.full) return full;
  if (code === resultCode.readOnly) return readOnly;
  if (code === resultCode.cannotOpen) return directory;
  return code === resultCode.busy || code === resultCode.locked ? busy : failed;
}

function systemTelling(code: string): Telling {
  if (code === "ENOSPC" || code === "EDQUOT") return full;
  return code === "EACCES" || code === "EPERM" || code === "EROFS" ? readOnly : directory;
}

/** The primary result code; undefined for errors that are not SQLite's. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
