/** What failures of the disk, of SQLite and of who calls mean to the store (https://sqlite.org/rescode.html). */
import { describeError } from "@ropewalk/kernel/errors";
import { OpsError } from "@ropewalk/ops/errors";
import { isDamage, storeError, storeOpenError } from "@ropewalk/ops/store-errors";
import { MeshError } from "../../errors.ts";

export type StoreFailure =
  /** No room. */
  | "full"
  /** The file's content is not what was stored. */
  | "damaged"
  /** What was to be stored cannot be: a fault of the caller's, and of nothing else. */
  | "unfit"
  /** The disk or the file cannot be used. */
  | "failing";

/** Constraint and mismatch: what the tables refuse. */
const unfitCodes: readonly number[] = [19, 20];

/** Of a disk that cannot read a place any more: SQLITE_IOERR_READ. */
const unreadable = 266;

/** Whether what was stored is not there any more, in part at least. */
export function isDamaged(error: unknown): boolean {
  return isDamage(error) || (error instanceof Error && "errcode" in error && error.errcode === unreadable);
}

export function failureOf(path: string, error: unknown): StoreFailure {
  if (isDamaged(error)) return "damaged";
  if (error instanceof MeshError) return "failing";
  const told = storeError(path, error);
  if (!(told instanceof OpsError)) return "unfit";
  if (told.code === "OPS_STORE_FULL") return "full";
  return unfitCodes.includes(resultCode(error)) ? "unfit" : "failing";
}

/** Why the store cannot be opened. */
export function openError(path: string, error: unknown): MeshError {
  if (error instanceof MeshError) return error;
  const told = storeOpenError(path, error);
  const isHeld = told instanceof OpsError && told.code === "OPS_STORE_BUSY";
  const reason = told instanceof OpsError ? told.message : `${path}: ${describeError(error)}`;
  return new MeshError(isHeld ? "MESH_STORE_HELD" : "MESH_STORE", reason, { cause: error });
}

/** The primary code of an error of SQLite's. */
function resultCode(error: unknown): number {
  return error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
}
