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

/** An `OpsError` that says what to do; errors that are no failure of the store are given back as they are. */
export function storeError(path: string, error: unknown): unknown {
  if (error instanceof OpsError) return error;
  const told = telling(sqliteCode(error), systemCode(error));
  if (told === undefined) return error;
  return new OpsError(told.code, `${path}: ${told.message}: ${describeError(error)}`, { cause: error });
}

interface Telling {
  readonly code: OpsErrorCode;
  readonly message: string;
}

function telling(sqlite: number | undefined, system: string | undefined): Telling | undefined {
  if (sqlite === resultCode.full || system === "ENOSPC" || system === "EDQUOT") {
    return {
      code: "OPS_STORE_FULL",
      message: "no room left; free some on its file system. What was stored before is unharmed",
    };
  }
  if (sqlite === resultCode.readOnly || system === "EROFS" || system === "EACCES" || system === "EPERM") {
    return {
      code: "OPS_STORE_READ_ONLY",
      message: "cannot be written; make the file, its folder and its file system writable for this user",
    };
  }
  if (sqlite === resultCode.busy || sqlite === resultCode.locked) {
    return { code: "OPS_STORE_BUSY", message: "another process holds it; stop that process" };
  }
  if (sqlite === resultCode.cannotOpen || (sqlite === undefined && system !== undefined)) {
    return { code: "OPS_STORE_DIRECTORY", message: "cannot be opened; its folder must exist and belong to this user" };
  }
  return sqlite === undefined ? undefined : { code: "OPS_STORE_FAILED", message: "SQLite failed" };
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
