/** Failures of the driver and of the server as this package's error. What the server says of a row's content stays with it. */
import { describeError } from "@ropewalk/kernel/errors";
import { EntryError, type EntryErrorCode } from "../errors.ts";
import { judgeFailure, type ToldFailure } from "../pure/database-failure.ts";

const codes: Readonly<Record<"down" | "full" | "busy" | "contended" | "refused", EntryErrorCode>> = {
  down: "ENTRY_DATABASE_DOWN",
  full: "ENTRY_DATABASE_FULL",
  busy: "ENTRY_DATABASE_BUSY",
  contended: "ENTRY_DATABASE_CONTENDED",
  refused: "ENTRY_DATABASE_REFUSED",
};
const words: Readonly<Record<"down" | "full" | "busy" | "contended" | "refused", string>> = {
  down: "the database does not answer; see whether it runs and can be reached",
  full: "the database's disk is full; make room on it",
  busy: "the database is too busy to answer in time; try again later",
  contended: "others changed the same rows in the database; try again",
  refused: "the database refuses it",
};

export function databaseError(error: unknown): EntryError {
  if (error instanceof EntryError) return error;
  const told = toldBy(error);
  const failure = judgeFailure(told);
  if (failure.kind === "conflict") {
    const { constraint } = failure;
    const message = `what is in the database does not allow it: ${constraint}`;
    return new EntryError("ENTRY_DATABASE_CONFLICT", message, { constraint });
  }
  return new EntryError(codes[failure.kind], `${words[failure.kind]}: ${describeError(error)}`, { cause: told.code });
}

/** An error of several addresses that were tried says what it is in its first. */
export function toldBy(error: unknown): ToldFailure {
  if (error instanceof AggregateError && error.errors.length > 0) return toldBy(error.errors[0]);
  return error instanceof Error ? (error as ToldFailure) : { message: String(error) };
}
